"""One recording: what it is, why it exists and until when, who may listen, and its sound."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Found
from asterisk_gdpr.service.playback import NO_EAR, Review, listenable, living_purposes
from asterisk_gdpr.service.sound import Span
from asterisk_gdpr_web.guard import OVERSEERS, person, sees_numbers
from asterisk_gdpr_web.pages.recordings import row_of
from asterisk_gdpr_web.pages.review import choices, current
from asterisk_gdpr_web.settings import services

page = Blueprint("recording", __name__)


@page.get("/recordings/<recording>")
def show(recording: str) -> str:
    """Show a recording that the person may know of; for all others it does not exist."""
    found = services().library.found(recording)
    now = services().clock.now()
    alive = living_purposes(found.terms, now)
    mine = listenable(services().policy(), person().roles) & alive
    overseer = bool(person().roles & OVERSEERS)
    if not overseer and (not mine or found.recording.state is not State.SEALED):
        abort(404)
    told = {"user": person().name, "recording": recording}
    services().register.record("viewed", told, now)
    obstacle, gone = _condition(found, mine, current())
    return render_template(
        "recording.html",
        row=row_of(found),
        terms=found.terms,
        alive=alive,
        listeners=_listeners(alive),
        numbers=sees_numbers(person().roles),
        obstacle=obstacle,
        missing=gone,
        alarms=[alarm for alarm in services().register.alarms() if alarm.about == recording],
        **choices(mine),
    )


def _condition(found: Found, mine: frozenset[str], review: Review | None) -> tuple[str, tuple[Span, ...]]:
    """Return why the person cannot hear it now (a code, empty if they can), and what its container lacks."""
    try:
        services().listening.check_openable(found)
        gone = services().listening.missing(found.recording.id)
    except Refused as refusal:
        return refusal.id, ()
    if not mine:
        return "not-entitled", gone
    if not services().keeper.unlocked:
        return "vault-locked", gone
    if review is None:
        return "no-review", gone
    return ("" if review.purpose in mine else "other-purpose"), gone


def _listeners(alive: frozenset[str]) -> dict[str, list[str]]:
    """Return for each living purpose the roles that may listen under it, by the policy in force."""
    purposes = services().policy().purposes
    return {name: sorted(purposes[name].listeners - {NO_EAR}) for name in alive if name in purposes}
