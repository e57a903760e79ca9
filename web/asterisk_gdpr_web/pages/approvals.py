"""A second person's approval: asked for at a recording, given or refused here, by somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Approval
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.listening.playback import listenable
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import OVERSEERS, person
from asterisk_gdpr_web.pages.recording import hearable, known
from asterisk_gdpr_web.pages.review import current
from asterisk_gdpr_web.settings import services

LASTS = timedelta(hours=24)
page = Blueprint("approvals", __name__)


@page.post("/recordings/<recording>/approval")
def ask(recording: str) -> Response:
    """Ask a second person, for the purpose and reason that were declared."""
    found, review = known(recording), current()
    if review is None or review.purpose not in hearable(found):
        abort(403)
    waiting = [one for one in services().register.approvals(recording, person().name) if not one.decided_at]
    if not any(one.purpose == review.purpose for one in waiting):
        services().register.ask_approval(
            Approval(
                new_id("q"), recording, review.purpose, person().name, review.reason, services().clock.now()
            )
        )
    flash("flash.approval-asked")
    return redirect(url_for("recording.show", recording=recording), 303)


@page.get("/approvals")
def show() -> str:
    """Show what waits for an answer that this person may give."""
    return render_template("approvals.html", **_all())


@page.post("/approvals")
def decide() -> Response:
    """Answer one of them: it holds for a day."""
    id, granted = request.form.get("id", ""), request.form.get("do") == "grant"
    now = services().clock.now()
    try:
        asked = services().register.approval(id)
        if not _may_decide(asked):
            abort(403)
        services().register.decide_approval(id, person().name, granted, now, now + LASTS)
    except Refused as refusal:
        return refuse(refusal, render_template("approvals.html", error=words_of(refusal), **_all()))
    flash("flash.approval-granted" if granted else "flash.approval-refused")
    return redirect(url_for("approvals.show"), 303)


def _all() -> dict[str, Any]:
    open_ones = services().register.open_approvals()
    return {"asked": [one for one in open_ones if one.user == person().name or _may_decide(one)]}


def _may_decide(asked: Approval) -> bool:
    """Whether this person may hear it themselves, or oversees who does."""
    someone = person()
    line = services().register.recording(asked.recording).line
    if someone.lines and line not in someone.lines:
        return False
    return bool(someone.roles & OVERSEERS - {"auditor"}) or asked.purpose in listenable(
        services().policy(), someone.roles
    )
