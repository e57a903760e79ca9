"""Clips: a span of a recording, shared with a named coach inside the page, until an end."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from asterisk_gdpr.service.listening.clips import LONGEST
from asterisk_gdpr_web import errors
from asterisk_gdpr_web.faults import Mistyped
from asterisk_gdpr_web.guard import listener, person
from asterisk_gdpr_web.pages.audio import answer
from asterisk_gdpr_web.pages.marks import moment_in
from asterisk_gdpr_web.pages.recording import again, known
from asterisk_gdpr_web.settings import services

page = Blueprint("clips", __name__)


@page.get("/clips")
def show() -> str:
    """Show what was shared with the person, and by them, as long as it lives."""
    clips = services().register.clips_of(person().name, services().clock.now())
    return render_template("clips.html", clips=clips)


@page.post("/recordings/<recording>/clips")
@errors.again(again)
def share(recording: str) -> Answer:
    """Share a span; both must be listeners of the purpose."""
    known(recording)
    form = request.form
    days = form.get("days", "")
    if not days.isdecimal() or len(days) > 3 or not 0 < int(days) <= LONGEST.days:
        raise Mistyped("Say after how many days it ends.", id="no-days", field="days")
    services().office.clips.share(
        recording,
        (moment_in("from"), moment_in("until")),
        form.get("purpose", ""),
        listener(),
        form.get("coach", ""),
        timedelta(days=int(days)),
    )
    flash("flash.shared")
    return redirect(url_for("clips.show"), 303)


@page.post("/clips/end")
def end() -> Answer:
    """Take back what one has shared."""
    services().register.end_clip(request.form.get("clip", ""), person().name, services().clock.now())
    flash("flash.clip-ended")
    return redirect(url_for("clips.show"), 303)


@page.get("/clips/<clip>/audio")
def play(clip: str) -> Response:
    """Send the span as WAV, whole or a range of it."""
    return answer(services().office.clips.open(clip, listener()))
