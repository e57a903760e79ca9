"""A review: under which purpose, and why, a person listens in this session."""

from __future__ import annotations

import secrets

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.ports import Looked, Search
from asterisk_gdpr.service.playback import Review, listenable
from asterisk_gdpr_web import named
from asterisk_gdpr_web.guard import note, person, person_or_none
from asterisk_gdpr_web.language import local_path
from asterisk_gdpr_web.settings import services

_AMONG = 500
"""A pick is made among so many of the latest recordings."""
page = Blueprint("review", __name__)


def current() -> Review | None:
    """Return what the person has declared for this session, as far as it still holds."""
    someone = person_or_none()
    if someone is None:
        return None
    purpose, reason = someone.notes.get("purpose", ""), someone.notes.get("reason", "")
    if purpose not in listenable(services().policy(), someone.roles) or reason not in set(Occasion):
        return None
    return Review(purpose, Occasion(reason))


def choices(among: frozenset[str] | None = None) -> dict[str, object]:
    """Return what the form offers: the person's purposes (of those in `among`), and the reasons."""
    purposes = listenable(services().policy(), person().roles)
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
    if purpose not in listenable(services().policy(), person().roles) or reason not in set(Occasion):
        abort(400)
    note(purpose=purpose, reason=reason)
    wanted = local_path(request.form.get("next", ""))
    return redirect(url_for("recordings.shelf") if wanted == "/" else wanted, 303)


@page.post("/review/pick")
def pick() -> Response:
    """Open a recording of this purpose that nobody has heard, by chance: of a line or an agent, if named."""
    review, someone = current(), person()
    if review is None:
        abort(403)
    line, agent = request.form.get("line", ""), request.form.get("agent", "")
    register = services().register
    found = register.search(
        Search(
            line=line,
            recordings=named.of_agent(agent) if agent else None,
            lines=someone.lines or None,
            purposes=frozenset({review.purpose}),
            living_at=services().clock.now(),
            restricted=False,
            limit=_AMONG,
        )
    )
    ids = [each.recording.id for each in found]
    heard = {
        (entry.payload or {}).get("recording")
        for entry in register.look_up(Looked(about=ids, kind="listened", limit=20 * _AMONG))
    }
    unheard = [id for id in ids if id not in heard]
    if not unheard:
        flash("flash.nothing-unheard")
        return redirect(url_for("recordings.shelf", line=line or None, agent=agent or None), 303)
    return redirect(url_for("recording.show", recording=secrets.choice(unheard)), 303)


@page.post("/review/end")
def end() -> Response:
    """Declare nothing any more."""
    services().listening.close(person().session)
    note(purpose="", reason="")
    return redirect(url_for("recordings.shelf"), 303)
