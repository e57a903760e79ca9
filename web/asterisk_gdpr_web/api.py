"""The same rights for programs: REST under /api/v1, with bearer tokens, described by OpenAPI 3.1.

A cookie opens nothing here, so no other site can use a person's session; a token opens what its scopes
name and its person may. Numbers are in no answer and in no address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from asterisk_gdpr.core.recording import Occasion, Reason, State
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports import Found, Looked, Search
from asterisk_gdpr.service.listening.playback import Review, listenable, living_purposes
from asterisk_gdpr.service.metrics import TYPE
from asterisk_gdpr.service.metrics import metrics as gauges
from asterisk_gdpr.service.people.sessions import SignedIn
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web import guard
from asterisk_gdpr_web.errors import status_of
from asterisk_gdpr_web.openapi import LAST, description, parameters
from asterisk_gdpr_web.pages.audio import answer
from asterisk_gdpr_web.pages.disposal import ERASED_FOR
from asterisk_gdpr_web.pages.recording import known
from asterisk_gdpr_web.settings import services, settings

MOST = 100
NEEDS = {
    "api.recordings": (Scope.READ_RECORDINGS, guard.Right.RECORDINGS),
    "api.recording": (Scope.READ_RECORDINGS, guard.Right.RECORDINGS),
    "api.proof": (Scope.READ_RECORDINGS, guard.Right.RECORDINGS),
    "api.audio": (Scope.LISTEN, guard.Right.LISTEN),
    "api.restrict": (Scope.DISPOSE, guard.Right.DISPOSE),
    "api.erase": (Scope.DISPOSE, guard.Right.DISPOSE),
    "api.ledger": (Scope.READ_LEDGER, guard.Right.LEDGER),
    "api.metrics": (Scope.READ_STATUS, guard.Right.OVERVIEW),
    "api.status": (Scope.READ_STATUS, guard.Right.OVERVIEW),
    "api.own_calls": (Scope.STEER, guard.Right.OWN_CALL),
    "api.steer": (Scope.STEER, guard.Right.OWN_CALL),
    "api.mark": (Scope.STEER, guard.Right.OWN_CALL),
    "api.refer": (Scope.STEER, guard.Right.OWN_CALL),
    "api.evaluations": (Scope.READ_EVALUATIONS, guard.Right.LISTEN),
    "api.evaluate": (Scope.EVALUATE, guard.Right.LISTEN),
    "api.own_evaluations": (Scope.READ_EVALUATIONS, guard.Right.OWN_CALL),
    "api.clips": (Scope.READ_CLIPS, guard.Right.LISTEN),
    "api.clip_audio": (Scope.READ_CLIPS, guard.Right.LISTEN),
    "api.share_clip": (Scope.SHARE, guard.Right.LISTEN),
    "api.end_clip": (Scope.SHARE, guard.Right.LISTEN),
    "api.described": (None, None),
}
"""What each route asks of a token and of its person; a route without a line here is closed."""

_HIGHEST = 10**9
"""No number that is sent to us is higher."""
page = Blueprint("api", __name__, url_prefix="/api/v1")
F = TypeVar("F", bound=Callable[..., Any])


class Closed(Exception):
    """Nobody, or not for this."""

    def __init__(self, status: int, id: str) -> None:
        self.status, self.id = status, id


def guarded(view: F) -> F:
    """Let a request in by its token, and answer every refusal as JSON."""

    @wraps(view)
    def inside(*given: Any, **named: Any) -> Any:
        try:
            _admit()
            _understand()
            return view(*given, **named)
        except Closed as closed:
            return _problem(closed.status, closed.id)
        except GdprError as error:
            return _problem(status_of(error), error.id)
        except HTTPException as error:
            return _problem(error.code or 500, "not-found" if error.code == 404 else "refused")

    return cast(F, inside)


def _admit() -> None:
    scope, right = NEEDS[request.endpoint or ""]
    if scope is None or right is None:
        return
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    known_token = services().tokens.who(secret) if kind.lower() == "bearer" and secret else None
    if known_token is None:
        raise Closed(401, "no-token")
    token, user = known_token
    g.person = SignedIn(user.name, user.roles, f"token:{token.id}", {}, user.lines, bool(user.second))
    if scope not in token.scopes:
        raise Closed(403, "scope-missing")
    if not guard.allowed(right, user.roles, services().policy()):
        raise Closed(403, "not-entitled")


def _understand() -> None:
    """Refuse what is asked in a word that we do not know: it was meant to change the answer."""
    path = re.sub(r"<(\w+)>", r"{\1}", str(request.url_rule)).removeprefix("/api/v1")
    known_words = parameters(path)
    if any(name not in known_words or len(given) > 1 for name, given in request.args.lists()):
        raise Refused("This asks for something that is not known, or twice.", id="unknown-parameter")


@page.get("/openapi.json")
@guarded
def described() -> Response:
    """Describe everything below, for programs that read descriptions."""
    return jsonify(description())


@page.get("/recordings")
@guarded
def recordings() -> Response:
    """List recordings that the token's person may know of, newest first, page by page."""
    args, someone = request.args, guard.person()
    every = bool(someone.roles & guard.OVERSEERS)
    limit = args.get("limit", "50")
    if not limit.isdecimal() or not 0 < int(limit[:6]) <= MOST:
        raise Refused(f"A page has 1 to {MOST} recordings.", id="bad-limit")
    after = args.get("after", "")
    before = None
    if after:
        last = known(after).recording
        before = (last.created_at, last.id)
    found = services().library.search(
        Search(
            line=args.get("line", ""),
            lines=someone.lines or None,
            choice=args.get("choice", ""),
            queue=args.get("queue", ""),
            purposes=None if every else listenable(services().policy(), someone.roles),
            living_at=None if every else services().clock.now(),
            states=frozenset(State) if every else frozenset({State.SEALED}),
            before=before,
            limit=int(limit),
        )
    )
    return jsonify(
        {
            "recordings": [_told(each) for each in found.found],
            "after": found.after[1] if found.after else None,
        }
    )


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


@page.post("/recordings/<recording>/restrict")
@guarded
def restrict(recording: str) -> Response:
    """Let nobody listen any more."""
    known(recording)
    ground = body().get("reason")
    if ground not in set(RestrictionGround):
        raise Refused("Say why.", id="no-reason")
    services().office.rights.restrict(recording, RestrictionGround(ground), by=guard.person().name)
    return jsonify(_told(services().library.found(recording)))


@page.post("/recordings/<recording>/erase")
@guarded
def erase(recording: str) -> Response:
    """Erase, and say what came of it."""
    known(recording)
    reason = body().get("reason")
    if reason not in ERASED_FOR:
        raise Refused("Say why.", id="no-reason")
    told = {"user": guard.person().name, "recording": recording, "reason": reason}
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


@page.get("/ledger")
@guarded
def ledger() -> Response:
    """List entries of the ledger, newest first."""
    before = request.args.get("before")
    if before is not None and not (before.isdecimal() and before.isascii() and 0 < int(before[:17]) <= LAST):
        raise Refused("An entry has a number.", id="bad-number")
    about = request.args.get("about", "")
    entries = services().register.look_up(
        Looked(
            about=(about,) if about else (),
            kind=request.args.get("kind", ""),
            before=int(before) if before else None,
            limit=MOST,
        )
    )
    return jsonify(
        {
            "entries": [
                {
                    "seq": entry.seq,
                    "at": to_text(entry.at),
                    "kind": entry.kind,
                    "payload": None if entry.payload is None else dict(entry.payload),
                }
                for entry in entries
            ]
        }
    )


@page.get("/status")
@guarded
def status() -> Response:
    """Tell how it goes: alarms, recordings by state, whether the vault is unlocked."""
    register = services().register
    return jsonify(
        {
            "unlocked": services().keeper.unlocked,
            "recordings": {str(state): count for state, count in register.count_recordings().items()},
            "alarms": [
                {"id": alarm.id, "about": alarm.about, "since": to_text(alarm.since)}
                for alarm in register.alarms()
            ],
            "switched_off": sorted(line for line, on in register.switches().items() if not on),
        }
    )


@page.get("/metrics")
@guarded
def metrics() -> Response:
    """Tell the same and more as numbers, in the text that Prometheus reads."""
    register, now = services().register, services().clock.now()
    told = gauges(register, now, settings().zone, guard.person().lines)
    return Response(told, content_type=TYPE)


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


def body() -> dict[str, Any]:
    """Return the JSON object that was sent; raises Refused `no-object`."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Refused("This asks for a JSON object.", id="no-object")
    return sent


def text(sent: dict[str, Any], name: str, *, needed: bool = True) -> str:
    """Return a text of it; raises Refused `no-text`."""
    said = sent.get(name) if needed else sent.get(name, "")
    if not isinstance(said, str):
        raise Refused(f"This asks for a text: {name}.", id="no-text")
    return said


def number(sent: dict[str, Any], name: str) -> float:
    """Return a number of it; raises Refused `no-number`."""
    said = sent.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float) or not abs(said) < _HIGHEST:
        raise Refused(f"This asks for a number: {name}.", id="no-number")
    return said


def _problem(status: int, id: str) -> Response:
    response = jsonify({"error": id})
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
