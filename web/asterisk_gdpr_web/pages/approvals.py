"""A second person's approval: asked for at a recording, given or refused here by somebody else, or lapsed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Approval
from asterisk_gdpr.service.listening.playback import listenable
from asterisk_gdpr.service.people.approving import WAITS
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import OVERSEERS, person
from asterisk_gdpr_web.pages.recording import hearable, known
from asterisk_gdpr_web.pages.review import current
from asterisk_gdpr_web.settings import services

page = Blueprint("approvals", __name__)


@page.post("/recordings/<recording>/approval")
def ask(recording: str) -> Response:
    """Ask a second person, for the purpose and reason that were declared."""
    found, review = known(recording), current()
    if review is None or review.purpose not in hearable(found):
        abort(403)
    services().office.approving.ask(recording, review.purpose, review.reason, person().name)
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
    try:
        asked = services().register.approval(id)
        if not _may_decide(asked):
            abort(403)
        services().office.approving.decide(id, person().name, granted=granted)
    except Refused as refusal:
        return refuse(refusal, render_template("approvals.html", error=words_of(refusal), **_all()))
    flash("flash.approval-granted" if granted else "flash.approval-refused")
    return redirect(url_for("approvals.show"), 303)


def _all() -> dict[str, Any]:
    approving, me = services().office.approving, person().name
    return {
        "asked": [one for one in approving.waiting() if one.user == me or _may_decide(one)],
        "mine": [one for one in approving.asked_by(me) if one.decided_at is not None],
        "waits": WAITS,
    }


def _may_decide(asked: Approval) -> bool:
    """Whether this person may hear it themselves, or oversees who does."""
    someone = person()
    line = services().register.recording(asked.recording).line
    if someone.lines and line not in someone.lines:
        return False
    return bool(someone.roles & OVERSEERS - {"auditor"}) or asked.purpose in listenable(
        services().policy(), someone.roles
    )
