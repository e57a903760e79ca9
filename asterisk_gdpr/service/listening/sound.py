"""A sealed recording as a WAV file that can be read anywhere: only what a range touches is opened.

Stereo, signed 16-bit: left the data subject, right the others. What should be there and is not (a container
that was cut, a segment that was changed) plays as silence of its length, so that all times stay right,
and is told apart by `missing`.
"""

from __future__ import annotations

import struct
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from asterisk_gdpr.errors import Damaged
from asterisk_gdpr.seal.errors import DamagedContainer
from asterisk_gdpr.seal.layout import Layout, Place, Read, Scan, walk
from asterisk_gdpr.seal.reader import open_segment_at
from asterisk_gdpr.service.sealing.audio import BYTES_PER_FRAME, CHANNELS, decode

HEADER_LENGTH = 44
_KEPT_SEGMENTS = 16
"""Opened segments kept for the next range: about 80 seconds, 2.5 MB at 8 kHz."""
_LONGEST = 2**32 - 1 - HEADER_LENGTH
"""A WAV file counts its bytes in 32 bits; beyond (37 hours at 8 kHz) players go by the file's length."""


@dataclass(frozen=True)
class Span:
    """A part of a recording, in seconds from its start."""

    start: float
    end: float


def survey(read: Read, size: int) -> Scan:
    """Scan a container as far as it is whole: where the first fault stands, what is known of it ends.

    Raises DamagedContainer when not even its header can be read.
    """
    layout = Layout()
    try:
        for frame in walk(read, size, whole=False):
            layout.add(frame)
    except DamagedContainer:
        if layout.header is None:
            raise
    if layout.header is None:
        raise DamagedContainer("it has no header", size)
    segments, generations = tuple(layout.segments), tuple(layout.generations)
    return Scan(layout.header, generations, segments, layout.manifest, layout.end, size)


def missing(found: Scan, frames: int) -> tuple[Span, ...]:
    """Say which part of a recording of `frames` frames its container does not hold any more."""
    held = _held(found)
    rate = found.header.rate
    return (Span(held / rate, frames / rate),) if held < frames else ()


class Sound:
    """The WAV view of one recording of `frames` frames.

    `data_keys` holds the key of each generation. `check` is asked before any segment is read and refuses by
    raising. `damaged` is told of a segment that does not open.
    """

    def __init__(
        self,
        read: Read,
        found: Scan,
        frames: int,
        *,
        data_keys: Mapping[int, bytes],
        check: Callable[[], None] = lambda: None,
        damaged: Callable[[Span], None] = lambda _: None,
    ) -> None:
        self._read = read
        self._found = found
        self._starts = [place.start_frame for place in found.segments]
        self._frames = max(frames, _held(found))
        self._data_keys = data_keys
        self._check = check
        self._damaged = damaged
        self._opened: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._header = wav_header(self._frames, found.header.rate)
        self.size = HEADER_LENGTH + self._frames * BYTES_PER_FRAME
        self.seconds = self._frames / found.header.rate
        self.missing = missing(found, frames)

    def read(self, offset: int, length: int) -> bytes:
        """Return that range of the WAV file, shorter only at its end."""
        end = min(offset + length, self.size)
        parts = [self._header[offset : min(end, HEADER_LENGTH)]] if offset < HEADER_LENGTH else []
        at = max(offset, HEADER_LENGTH) - HEADER_LENGTH
        while at < end - HEADER_LENGTH:
            start, sound = self._around(at)
            part = sound[at - start : end - HEADER_LENGTH - start]
            parts.append(part)
            at += len(part)
        return b"".join(parts)

    def _around(self, at: int) -> tuple[int, bytes]:
        """Return the piece of sound that the byte `at` (behind the header) lies in, and where it begins."""
        index = bisect_right(self._starts, at // BYTES_PER_FRAME) - 1
        held = _held(self._found) * BYTES_PER_FRAME
        if at >= held:
            silence = min(self._frames * BYTES_PER_FRAME - at, self._found.header.rate * BYTES_PER_FRAME)
            return at, bytes(silence)
        return self._starts[index] * BYTES_PER_FRAME, self._segment(index)

    def _segment(self, index: int) -> bytes:
        self._check()
        with self._lock:
            if index in self._opened:
                self._opened.move_to_end(index)
                return self._opened[index]
            sound = self._opened[index] = self._open(self._found.segments[index])
            if len(self._opened) > _KEPT_SEGMENTS:
                self._opened.popitem(last=False)
            return sound

    def _open(self, place: Place) -> bytes:
        rate = self._found.header.rate
        length = place.frames * BYTES_PER_FRAME
        try:
            payload = open_segment_at(self._read, self._found, place, self._data_keys[place.generation])
            sound, its_rate = decode(payload, self._found.header.codec)
            if (len(sound), its_rate) != (length, rate):
                raise Damaged(f"Segment {place.index} holds other audio than its container says.")
        except Damaged:
            self._damaged(Span(place.start_frame / rate, (place.start_frame + place.frames) / rate))
            return bytes(length)
        return sound


class Excerpt:
    """The WAV view of a span of a sound, from one frame up to another; nothing outside of it can be read."""

    def __init__(self, sound: Sound, rate: int, first: int, last: int) -> None:
        held = (sound.size - HEADER_LENGTH) // BYTES_PER_FRAME
        first, last = min(first, held), min(last, held)
        self._sound = sound
        self._begin = HEADER_LENGTH + first * BYTES_PER_FRAME
        self._header = wav_header(last - first, rate)
        self.size = HEADER_LENGTH + (last - first) * BYTES_PER_FRAME

    def read(self, offset: int, length: int) -> bytes:
        """Return that range of the WAV file, shorter only at its end."""
        end = min(offset + length, self.size)
        head = self._header[offset : min(end, HEADER_LENGTH)] if offset < HEADER_LENGTH else b""
        at = max(offset, HEADER_LENGTH) - HEADER_LENGTH
        body = end - HEADER_LENGTH - at
        return head + (self._sound.read(self._begin + at, body) if body > 0 else b"")


def wav_header(frames: int, rate: int) -> bytes:
    """Return the 44 bytes before stereo 16-bit PCM: RIFF, `fmt ` (PCM), `data` (Microsoft's RIFF WAVE)."""
    length = min(frames * BYTES_PER_FRAME, _LONGEST)
    form = struct.pack("<HHIIHH", 1, CHANNELS, rate, rate * BYTES_PER_FRAME, BYTES_PER_FRAME, 16)
    riff = struct.pack("<4sI4s", b"RIFF", length + HEADER_LENGTH - 8, b"WAVE")
    return riff + struct.pack("<4sI", b"fmt ", len(form)) + form + struct.pack("<4sI", b"data", length)


def _held(found: Scan) -> int:
    """Return how many frames the container's segments hold."""
    return found.segments[-1].start_frame + found.segments[-1].frames if found.segments else 0
