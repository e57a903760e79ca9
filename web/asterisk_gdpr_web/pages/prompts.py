"""Prompts: what callers hear on a line, part by part: read, heard, and replaced by a human voice.

A file is taken whole in memory, from those alone who may hand one in.
"""

from __future__ import annotations

import io
import struct
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import must_deal_with, person
from asterisk_gdpr_web.settings import services

RATE = 16_000
page = Blueprint("prompts", __name__, url_prefix="/lines/prompts")


@page.get("")
def show() -> str:
    """Show the parts of a line's notice, language by language."""
    return render_template("prompts.html", **_of(request.args.get("line", "")))


@page.get("/sound")
def play() -> Response:
    """Send what callers hear of a part, as WAV."""
    samples = services().office.prompts.sound(_part(request.args))
    return Response(_wav(samples), content_type="audio/wav")


@page.post("")
def take() -> Answer:
    """Take what a person has read for a part: callers hear it within seconds."""
    line, file = request.form.get("line", ""), request.files.get("file")
    try:
        must_deal_with(line)
        sound = file.read() if file else b""
        if not sound:
            raise Refused("Choose a file.", id="no-file")
        services().office.prompts.take(_part(request.form), sound, person().name)
    except Refused as refusal:
        html = render_template("prompts.html", error=words_of(refusal), **_of(line))
        return refuse(refusal, html)
    flash("flash.prompt-taken")
    _, language, part = _part(request.form)
    return redirect(url_for("prompts.show", line=line, _anchor=f"{language}-{part}"), 303)


def _part(said: MultiDict[str, str]) -> tuple[str, str, str]:
    return said.get("line", ""), said.get("language", ""), said.get("part", "")


def _of(wanted: str) -> dict[str, Any]:
    lines = [line.name for line in services().policy().lines.values() if not line.exempt]
    line = wanted if wanted in lines else next(iter(lines), "")
    shown = services().office.prompts.of_line(line)
    return {
        "lines": lines,
        "line": line,
        "tongues": [(tongue, list(parts)) for tongue, parts in groupby(shown, lambda part: part.language)],
        "lacking": services().office.prompts.lacking(),
    }


def _wav(samples: bytes) -> bytes:
    """Raw samples (16 bits, one channel) as a WAV file."""
    out = io.BytesIO()
    out.write(b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt ")
    out.write(struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16))
    out.write(b"data" + struct.pack("<I", len(samples)) + samples)
    return out.getvalue()
