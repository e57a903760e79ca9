"""For programs: recordings found, proven, heard, restricted and erased, as their person may at the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request

from asterisk_gdpr.core.recording import Occasion, Reason, State
from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Found, Search
from asterisk_gdpr.service.listening.playback import Review, listenable, living_purposes
from asterisk_gdpr.service.rights.naming import Said
from asterisk_gdpr_web import guard, named
from asterisk_gdpr_web.api.door import body, guarded, limit_of, page
from asterisk_gdpr_web.handing_out import FORMS, Sealing, dossier
from asterisk_gdpr_web.pages.audio import answer
from asterisk_gdpr_web.pages.disposal import ERASED_FOR
from asterisk_gdpr_web.pages.recording import known
from asterisk_gdpr_web.settings import services

_SEARCHED = ("number", "receipt", "reference")
"""What the ledger has of a search: that it was by this, and never what was asked for."""


@page.get("/recordings")
@guarded
def recordings() -> Response:
    """List recordings that the token's person may know of, newest first, page by page."""
    args = request.args
    wanted = Search(line=args.get("line", ""), choice=args.get("choice", ""), queue=args.get("queue", ""))
    return _shelf(wanted, args.get("limit"), args.get("after", ""))


@page.post("/recordings/search")
@guarded
def search() -> Response:
    """Find them by what stands in no address: a number, a code, a reference, an agent, a call."""
    sent = body()
    if "number" in sent and not guard.sees_numbers(guard.person().roles):
        raise Refused("Numbers are not shown to you, so you cannot search for one.", id="no-numbers")
    said = Said(
        **{name: sent.get(name, "") for name in (*_SEARCHED, "agent", "call", "line")},
        since=_time(sent, "since"),
        until=_time(sent, "until"),
    )
    wanted = services().office.naming.search(said)
    for name in _SEARCHED:
        if name in sent:
            named.tell(f"{name}-searched")
    if "agent" in sent:
        named.tell("agent-searched", agent=services().office.agents.found(sent["agent"]).id)
    return _shelf(wanted, int(sent.get("limit", 50)), sent.get("after", ""))


@page.get("/recordings/<recording>")
@guarded
def recording(recording: str) -> Response:
    """Tell of one recording; the ledger has that somebody looked."""
    found = known(recording)
    told = {"user": guard.person().name, "recording": recording}
    services().register.record("viewed", told, services().clock.now())
    return jsonify({**_told(found), "queues": services().register.queues_of(found.call.id)})


@page.get("/recordings/<recording>/proof")
@guarded
def proof(recording: str) -> Response:
    """Say whether it is what was sealed: every byte is read for that."""
    known(recording)
    verified = services().verify(recording)
    return jsonify(
        {
            "recording": recording,
            "unaltered": verified.ok,
            "complete": verified.complete,
            "segments": verified.segments,
            "reason": verified.reason or None,
        }
    )


@page.get("/recordings/<recording>/audio")
@guarded
def audio(recording: str) -> Response:
    """Send the sound, for a purpose and a reason that the ledger has first."""
    known(recording)
    reason = request.args.get("reason", "")
    if reason not in set(Occasion):
        raise Refused("Say why.", id="no-reason")
    review = Review(request.args.get("purpose", ""), Occasion(reason))
    return answer(services().listening.open(recording, guard.listener(), review))


@page.post("/recordings/<recording>/reference")
@guarded
def refer_recording(recording: str) -> Response:
    """Write down what another system calls its call; the last one counts."""
    found = known(recording)
    services().office.references.set(found.call.id, body()["reference"], guard.person().name)
    return jsonify({"recording": recording})


@page.post("/recordings/<recording>/export")
@guarded
def export(recording: str) -> Response:
    """Hand it out with everything that vouches for it, after the ledger has who and why."""
    sent = body()
    return dossier(
        recording,
        Occasion(sent["reason"]),
        Sealing(sent.get("recipient", ""), sent.get("passphrase", "")),
        voices=Voices(sent["voices"]),
        form=sent.get("format", FORMS[0]),
        given_to=sent.get("for", ""),
    )


@page.post("/recordings/<recording>/restrict")
@guarded
def restrict(recording: str) -> Response:
    """Let nobody listen any more."""
    known(recording)
    ground = RestrictionGround(body()["reason"])
    services().office.rights.restrict(recording, ground, by=guard.person().name)
    return jsonify(_told(services().library.found(recording)))


@page.post("/recordings/<recording>/erase")
@guarded
def erase(recording: str) -> Response:
    """Erase, and say what came of it."""
    known(recording)
    reason = next(each for each in ERASED_FOR if each == body()["reason"])
    told = {"user": guard.person().name, "recording": recording, "reason": reason.value}
    services().register.record("erasure-ordered", told, services().clock.now())
    item = services().erase(recording, Reason(reason), False)
    return jsonify(
        {
            "recording": recording,
            "result": item.result,
            "ground": item.ground or None,
            "until": to_text(item.until) if item.until else None,
        }
    )


def _shelf(wanted: Search, limit: object, after: str) -> Response:
    """A page of what is wanted, of that which the token's person may know of."""
    someone = guard.person()
    every = bool(someone.roles & guard.OVERSEERS)
    last = known(after).recording if after else None
    found = services().library.search(
        replace(
            wanted,
            lines=someone.lines or None,
            purposes=None if every else listenable(services().policy(), someone.roles),
            living_at=None if every else services().clock.now(),
            states=frozenset(State) if every else frozenset({State.SEALED}),
            before=(last.created_at, last.id) if last else None,
            limit=limit_of(limit),
        )
    )
    return jsonify(
        {
            "recordings": [_told(each) for each in found.found],
            "after": found.after[1] if found.after else None,
        }
    )


def _told(found: Found) -> dict[str, Any]:
    recording, now = found.recording, services().clock.now()
    return {
        "id": recording.id,
        "call": recording.call,
        "line": recording.line,
        "state": recording.state,
        "restricted": recording.restricted,
        "created_at": to_text(recording.created_at),
        "ended_at": to_text(recording.ended_at) if recording.ended_at else None,
        "seconds": round(recording.frames / recording.rate, 3),
        "choice": found.call.choice,
        "purposes": sorted(living_purposes(found.terms, now)),
    }


def _time(sent: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(sent[name]) if name in sent else None
