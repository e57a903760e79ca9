"""One recording: what it is, why it exists and until when, who may listen, its sound, and its history."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug.exceptions import NotFound

from asterisk_gdpr.core.ledger import Entry
from asterisk_gdpr.core.recording import Occasion, State
from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Found, Looked, RecorderRow
from asterisk_gdpr.service.listening.playback import Review, listenable, living_purposes, naming
from asterisk_gdpr.service.listening.sound import Span
from asterisk_gdpr.service.people.accounts import NO_EAR
from asterisk_gdpr.service.proof.recordings import Verified
from asterisk_gdpr_web.guard import OVERSEERS, listener, person, sees_numbers
from asterisk_gdpr_web.pages.recordings import row_of
from asterisk_gdpr_web.pages.review import choices, current
from asterisk_gdpr_web.settings import services

_LONGEST_HISTORY = 200
page = Blueprint("recording", __name__)


def hearable(found: Found) -> frozenset[str]:
    """Return the living purposes of a recording under which the person may hear it."""
    alive = living_purposes(found.terms, services().clock.now())
    if not _deals_with(found):
        return frozenset()
    return listenable(services().policy(), person().roles) & alive


def _deals_with(found: Found) -> bool:
    """Whether its line is among those of the person."""
    return not person().lines or found.recording.line in person().lines


def held_for(found: Found) -> frozenset[str]:
    """Return the holds over a recording that name the person as one who may hear it."""
    if not _deals_with(found):
        return frozenset()
    return naming(person().roles, services().register.holds_of(found.recording.id))


def known(recording: str) -> Found:
    """Return a recording that the person may know of; for all others it does not exist."""
    found = services().library.found(recording)
    overseer = bool(person().roles & OVERSEERS) and _deals_with(found)
    listens = found.recording.state is State.SEALED and bool(hearable(found))
    if not overseer and not listens and not held_for(found):
        abort(404)
    return found


def named(typed: list[str]) -> list[str]:
    """Return what somebody has typed if all are known; Refused `unknown-recording`, for a form to say."""
    for id in typed:
        try:
            known(id)
        except NotFound:
            raise Refused(f"There is no recording {id}.", id="unknown-recording") from None
    return typed


@page.get("/recordings/<recording>")
def show(recording: str) -> str:
    """Show everything about a recording; the ledger is told that somebody looked."""
    return _page(recording)


def again(error: str, recording: str) -> str:
    """Return the page with what is wrong in one of its forms."""
    return _page(recording, error=error)


def _page(recording: str, **more: Any) -> str:
    found = known(recording)
    told = {"user": person().name, "recording": recording}
    services().register.record("viewed", told, services().clock.now())
    return render_template("recording.html", **_all(found), **more)


@page.get("/recordings/<recording>/proof")
def proof(recording: str) -> str:
    """Say whether it is unaltered: every byte of it is read for that."""
    found = known(recording)
    verified: Verified | None = None
    refused = ""
    try:
        verified = services().verify(recording)
    except Refused as refusal:
        refused = refusal.id
    if request.headers.get("HX-Request"):
        return render_template("proof.html", recording=found.recording, verified=verified, refused=refused)
    return render_template("recording.html", verified=verified, refused=refused, **_all(found))


def _all(found: Found) -> dict[str, Any]:
    recording = found.recording
    alive = living_purposes(found.terms, services().clock.now())
    mine, held = hearable(found), held_for(found)
    obstacle, gone = _condition(found, mine, held, current())
    register = services().register
    at = request.args.get("at", "")
    return {
        "row": row_of(found),
        "queues": register.queues_of(found.call.id),
        "terms": found.terms,
        "alive": alive,
        "listeners": _listeners(alive),
        "numbers": sees_numbers(person().roles),
        "obstacle": obstacle,
        "missing": gone,
        "alarms": [alarm for alarm in register.alarms() if alarm.about in (recording.id, recording.call)],
        "others": _others(found),
        "marks": register.marks(recording.id) if mine or person().roles & OVERSEERS else [],
        "history": _history(found),
        "approvals": services().office.approving.about(recording.id, person().name),
        "tombstone": register.tombstone(recording.id),
        "restrictions": register.restrictions(recording.id),
        "at": int(at) if at.isdecimal() and len(at) < 7 else 0,
        "mine": mine,
        "coaches": _coaches(mine),
        "all_purposes": sorted(services().policy().purposes),
        "has_forms": bool(services().office.evaluating.forms(mine)),
        "occasions": list(Occasion),
        "all_voices": list(Voices),
        **choices(mine | held),
    }


def _others(found: Found) -> list[tuple[RecorderRow, str | None]]:
    """Who else recorded its call, with the file for who may see numbers: its name may hold one.

    The ledger has that files were shown, and to whom.
    """
    register, keeper = services().register, services().keeper
    rows = register.recorders_of(found.call.id)
    if not keeper.unlocked or not sees_numbers(person().roles):
        return [(row, None) for row in rows]
    opened = [(row, keeper.open_file(row)) for row in rows]
    if any(file for _, file in opened):
        told = {"call": found.call.id, "user": person().name}
        register.record("other-recorder-files-shown", told, services().clock.now())
    return opened


def _coaches(mine: frozenset[str]) -> list[str]:
    """Return who else may listen under one of these purposes, to share a clip with."""
    policy = services().policy()
    return [
        user.name
        for user in services().accounts.users()
        if user.disabled_at is None and user.name != person().name and listenable(policy, user.roles) & mine
    ]


def _history(found: Found) -> list[Entry]:
    """What the ledger tells of the recording and its call, newest first."""
    about = (found.recording.id, found.call.id)
    return services().register.look_up(Looked(about=about, limit=_LONGEST_HISTORY))


def _condition(
    found: Found, mine: frozenset[str], held: frozenset[str], review: Review | None
) -> tuple[str, tuple[Span, ...]]:
    """Return why the person cannot hear it now (a code, empty if they can), and what its container lacks."""
    try:
        if held:
            services().listening.check_kept(found)
        else:
            services().listening.check_openable(found)
        gone = services().listening.missing(found.recording.id)
    except Refused as refusal:
        return refusal.id, ()
    if not mine and not held:
        return "not-entitled", gone
    if not services().keeper.unlocked:
        return "vault-locked", gone
    if review is None:
        return "no-review", gone
    if review.purpose not in mine | held:
        return "other-purpose", gone
    try:
        services().listening.check(found.recording.id, listener(), review)
    except Refused as refusal:
        return refusal.id, gone
    return "", gone


def _listeners(alive: frozenset[str]) -> dict[str, list[str]]:
    """Return for each living purpose the roles that may listen under it, by the policy in force."""
    purposes = services().policy().purposes
    return {name: sorted(purposes[name].listeners - {NO_EAR}) for name in alive if name in purposes}
