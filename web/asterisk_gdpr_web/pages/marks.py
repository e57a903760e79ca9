"""Moments of a recording that people mark, and what they write there: free text, which goes with it."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.ports import Mark
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr_web import errors
from asterisk_gdpr_web.faults import Mistyped
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.recording import again, known
from asterisk_gdpr_web.settings import services

LONGEST = 2000
_MOMENT = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:[.,](\d))?|(\d{1,6})(?:[.,](\d))?")
page = Blueprint("marks", __name__)


def moment_in(field: str) -> int:
    """Return the moment that a field of the form holds; Mistyped for what is none."""
    return moment(request.form.get(field, ""), field)


def moment(text: str, field: str = "at") -> int:
    """Return the milliseconds that a typed moment means: `1:02:03`, `2:03.5`, `123`; Mistyped for others."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise Mistyped("This is no moment of a recording.", id="no-moment", field=field)
    hours, minutes, seconds, tenth, bare, bare_tenth = match.groups()
    whole = int(bare) if bare else 3600 * int(hours or 0) + 60 * int(minutes) + int(seconds)
    return 1000 * whole + 100 * int(tenth or bare_tenth or 0)


@page.post("/recordings/<recording>/marks")
@errors.again(again)
def add(recording: str) -> Response:
    """Mark a moment; back to the recording, at that moment."""
    found = known(recording)
    at_ms = moment_in("at")
    seconds = found.recording.frames / found.recording.rate
    if at_ms > 1000 * seconds:
        raise Mistyped("The recording is shorter than that.", id="no-moment", field="at")
    text = request.form.get("text", "").strip()[:LONGEST]
    now = services().clock.now()
    services().register.add_mark(Mark(new_id("k"), recording, at_ms, person().name, now, text))
    return redirect(url_for("recording.show", recording=recording, at=at_ms // 1000, _anchor="marks"), 303)


@page.post("/recordings/<recording>/marks/drop")
@errors.again(again)
def drop(recording: str) -> Response:
    """Take back a mark of one's own: its words are overwritten."""
    known(recording)
    services().register.drop_mark(request.form.get("mark", ""), person().name, services().clock.now())
    flash("flash.mark-dropped")
    return redirect(url_for("recording.show", recording=recording, _anchor="marks"), 303)
