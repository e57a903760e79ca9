"""A review: under which purpose or hold, and why, a person listens in this session."""

from __future__ import annotations

import secrets
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.holds import Hold
from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Looked, Search
from asterisk_gdpr.service.listening.playback import Review, listenable, naming
from asterisk_gdpr_web import named
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.faults import Mistyped
from asterisk_gdpr_web.guard import note, person, person_or_none
from asterisk_gdpr_web.language import local_path
from asterisk_gdpr_web.settings import services

_AMONG = 500
"""A pick is made among so many of the latest recordings, and among older ones where those were all heard."""
_ROUNDS = 40
_MOST_TOLD = 20 * _AMONG
page = Blueprint("review", __name__)


def current() -> Review | None:
    """Return what the person has declared for this session, as far as it still holds."""
    someone = person_or_none()
    if someone is None:
        return None
    purpose, reason = someone.notes.get("purpose", ""), someone.notes.get("reason", "")
    if not _may_declare(purpose, someone.roles) or reason not in set(Occasion):
        return None
    return Review(purpose, Occasion(reason))


def holds_for_me() -> list[Hold]:
    """Return the holds that stand and name the person as one who may hear what they hold."""
    standing = services().register.holds()
    mine = naming(person().roles, standing)
    return [hold for hold in standing if hold.id in mine]


def _may_declare(purpose: str, roles: frozenset[str]) -> bool:
    """Whether it is a purpose of these roles, or a hold that names one of them."""
    return purpose in listenable(services().policy(), roles) or (
        bool(purpose) and purpose in naming(roles, services().register.holds())
    )


def choices(among: frozenset[str] | None = None) -> dict[str, object]:
    """Return what the form offers: the person's purposes and holds (of those in `among`), and the reasons."""
    purposes = listenable(services().policy(), person().roles) | {hold.id for hold in holds_for_me()}
    offered = purposes if among is None else purposes & among
    return {"purposes": sorted(offered), "reasons": list(Occasion)}


@page.get("/review")
def show() -> str:
    """Show what is declared, and ask for it anew."""
    return render_template("review.html", next=local_path(request.args.get("next", "")), **choices())


@page.post("/review")
def begin() -> Response:
    """Declare purpose and reason, until changed, ended, or signed out."""
    purpose, reason = request.form.get("purpose", ""), request.form.get("reason", "")
    wanted = local_path(request.form.get("next", ""))
    try:
        if not _may_declare(purpose, person().roles):
            raise Mistyped("You do not listen for this purpose.", id="no-purpose", field="purpose")
        if reason not in set(Occasion):
            raise Mistyped("Say why.", id="no-reason", field="reason")
    except Refused as refusal:
        html = render_template("review.html", next=wanted, error=words_of(refusal), **choices())
        return refuse(refusal, html)
    note(purpose=purpose, reason=reason)
    return redirect(url_for("recordings.shelf") if wanted == "/" else wanted, 303)


@page.post("/review/pick")
def pick() -> Response:
    """Open a recording of this purpose that nobody has heard, by chance: of a line or an agent, if named."""
    review = current()
    if review is None:
        abort(403)
    line, agent = request.form.get("line", ""), request.form.get("agent", "")
    wanted = Search(
        line=line,
        agent=named.agent(agent) if agent else "",
        lines=person().lines or None,
        purposes=frozenset({review.purpose}),
        living_at=services().clock.now(),
        restricted=False,
        limit=_AMONG,
    )
    for _ in range(_ROUNDS):
        found = services().register.search(wanted)
        if unheard := _unheard([each.recording.id for each in found]):
            return redirect(url_for("recording.show", recording=secrets.choice(unheard)), 303)
        if len(found) < _AMONG:
            break
        wanted = replace(wanted, before=(found[-1].recording.created_at, found[-1].recording.id))
    flash("flash.nothing-unheard")
    return redirect(url_for("recordings.shelf", line=line or None, agent=agent or None), 303)


def _unheard(ids: list[str]) -> list[str]:
    """Those of these recordings that nobody has listened to, as the ledger has it."""
    heard: set[object] = set()
    told = services().register.look_up(Looked(about=ids, kind="listened", limit=_MOST_TOLD)) if ids else []
    heard.update((entry.payload or {}).get("recording") for entry in told)
    return [id for id in ids if id not in heard]


@page.post("/review/end")
def end() -> Response:
    """Declare nothing any more."""
    services().listening.close(person().session)
    note(purpose="", reason="")
    return redirect(url_for("recordings.shelf"), 303)
