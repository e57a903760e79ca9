"""Holds: erasure suspended for a case, with its ground, its reason and its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.recording import named
from asterisk_gdpr_web.pages.recordings import midnight
from asterisk_gdpr_web.settings import services

page = Blueprint("holds", __name__)


@page.get("/holds")
def show() -> str:
    """Show the holds that stand, and those that have ended."""
    return render_template("holds.html", **_all())


@page.post("/holds")
def place() -> Response:
    """Hold recordings, named by their ids."""
    form = request.form
    until, _ = midnight(form.get("until", ""), timedelta(days=1))
    try:
        if until is None:
            raise Refused("A hold has an end.", id="no-end")
        ids = form.get("recordings", "").replace(",", " ").split()
        services().office.holds.place(
            named(ids),
            case=form.get("case", ""),
            ground=HoldGround(form.get("ground", "")),
            why=form.get("why", ""),
            by=person().name,
            until=until,
            listeners=frozenset(form.getlist("listener")),
        )
    except (Refused, ValueError) as problem:
        refusal = problem if isinstance(problem, Refused) else Refused("Say on what ground.", id="no-ground")
        return refuse(refusal, render_template("holds.html", error=words_of(refusal), **_all()))
    flash("flash.held")
    return redirect(url_for("holds.show"), 303)


@page.post("/holds/lift")
def lift() -> Response:
    """End a hold before its day."""
    try:
        end(request.form.get("hold", ""))
    except Refused as refusal:
        return refuse(refusal, render_template("holds.html", error=words_of(refusal), **_all()))
    flash("flash.lifted")
    return redirect(url_for("holds.show"), 303)


def end(hold: str) -> None:
    """Lift it, if all that it holds is known to who asks; raises Refused."""
    named(services().register.recordings_held(hold))
    services().office.holds.lift(hold, person().name)


def _all() -> dict[str, Any]:
    register = services().register
    roles = {role for purpose in services().policy().purposes.values() for role in purpose.listeners}
    return {
        "holds": [(hold, register.recordings_held(hold.id)) for hold in register.holds(ended=True)],
        "grounds": list(HoldGround),
        "roles": sorted(roles - {"admin"}),
    }
