"""The sound of one recording, decrypted as it is sent; players seek in it by ranges (RFC 9110, 14)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import chain

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.datastructures import Range
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.service.listening.sound import Excerpt, Sound
from asterisk_gdpr_web.guard import listener
from asterisk_gdpr_web.pages.review import current
from asterisk_gdpr_web.settings import services

LONGEST_RANGE = 1024 * 1024
"""A longer range is answered in part, as RFC 9110 (15.3.7) allows, and players ask on from there.

They ask for everything from here on and then read slowly, or stop when paused; each such answer would
hold a thread of the server for as long.
"""

_PIECE = 64 * 1024
"""What is opened before it is sent: two seconds of sound, so that a player that seeks hears it at once."""

log = logging.getLogger(__name__)
page = Blueprint("audio", __name__)


@page.get("/recordings/<recording>/audio")
def play(recording: str) -> Response:
    """Send the recording as WAV, whole or a range of it."""
    review = current()
    if review is None:
        abort(403)
    return answer(services().listening.open(recording, listener(), review))


def answer(sound: Sound | Excerpt) -> Response:
    """Return a sound, or the range of it that was asked for."""
    response = _part(sound, request.range) if _is_one_range(request.range) else _whole(sound)
    response.headers["Accept-Ranges"] = "bytes"
    return response


@page.get("/recordings/<recording>/peaks")
def peaks(recording: str) -> Response:
    """Send the waveform of both sides, for the eye."""
    review = current()
    if review is None:
        abort(403)
    drawn = services().waveforms.of(recording, listener(), review)
    return jsonify({"seconds": drawn.seconds, "left": drawn.left, "right": drawn.right})


def _is_one_range(wanted: Range | None) -> bool:
    """Whether this is a single range of bytes; anything else may be answered with the whole."""
    return wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1


def _part(sound: Sound | Excerpt, wanted: Range | None) -> Response:
    found = wanted.range_for_length(sound.size) if wanted else None
    if found is None:
        raise RequestedRangeNotSatisfiable(length=sound.size)
    start, stop = found[0], min(found[1], found[0] + LONGEST_RANGE)
    first = sound.read(start, min(_PIECE, stop - start))  # a refusal is told before the answer has begun
    response = Response(
        chain([first], _pieces(sound, start + len(first), stop)), 206, content_type="audio/wav"
    )
    response.content_length = stop - start
    response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{sound.size}"
    return response


def _whole(sound: Sound | Excerpt) -> Response:
    response = Response(_pieces(sound, 0, sound.size), content_type="audio/wav")
    response.content_length = sound.size
    return response


def _pieces(sound: Sound | Excerpt, start: int, stop: int) -> Iterator[bytes]:
    """Yield that range; a listening that is stopped on its way ends before the announced length."""
    for offset in range(start, stop, _PIECE):
        try:
            yield sound.read(offset, min(_PIECE, stop - offset))
        except GdprError as refusal:
            log.warning("a listening was stopped: %s", refusal.id)
            return
