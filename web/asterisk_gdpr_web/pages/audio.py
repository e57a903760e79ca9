"""The sound of one recording, decrypted as it is sent; players seek in it by ranges (RFC 9110, 14)."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request
from werkzeug.wsgi import FileWrapper

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.service.playback import Listener
from asterisk_gdpr.service.sound import Sound
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.review import current
from asterisk_gdpr_web.settings import services

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

log = logging.getLogger(__name__)
page = Blueprint("audio", __name__)
_CHUNK = 64 * 1024


@page.get("/recordings/<recording>/audio")
def play(recording: str) -> Response:
    """Send the recording as WAV, whole or a range of it."""
    review = current()
    if review is None:
        abort(403)
    someone = person()
    listener = Listener(someone.name, someone.roles, someone.session)
    sound = services().listening.open(recording, listener, review)
    body = FileWrapper(io.BufferedReader(SoundFile(sound), _CHUNK), _CHUNK)
    response = Response(body, content_type="audio/wav", direct_passthrough=True)
    # `send_file` would ignore ranges here: it does not know a length that no file has.
    response.content_length = sound.size
    response.make_conditional(request, accept_ranges=True, complete_length=sound.size)
    return response


class SoundFile(io.RawIOBase):
    """A sound as a file that can be read and sought in.

    When a listening is stopped on its way (locked, restricted, erased), the file ends: the connection
    closes before the announced length, and the player knows that something is missing.
    """

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self._at = 0

    def seekable(self) -> bool:
        """Yes."""
        return True

    def readable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, in bytes from the start, from here, or from the end."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._sound.size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer from here on; return how many bytes that were, none at the end."""
        room = memoryview(buffer).cast("B")
        try:
            data = self._sound.read(self._at, len(room))
        except GdprError as refusal:
            log.warning("a listening was stopped: %s", refusal.id)
            return 0
        room[: len(data)] = data
        self._at += len(data)
        return len(data)
