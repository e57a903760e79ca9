"""The peaks of a recording while it is sealed: its waveform for the eye, sealed like its sound.

They are gathered from each segment as it is sealed, of both sides, and never more than `MOST` of them: when
there are more, two and two become one. What is sealed of them has one length, so that it tells nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from asterisk_gdpr.errors import Damaged

MOST = 600
"""So many peaks of each side at most, and at least half as many of a recording that is not short."""

_FIRST = 100
"""Frames of a peak at the beginning: an eightieth of a second at 8 kHz."""

_FULL = 32767
_HEAD = struct.Struct(">IQH")
"""Frames of a peak, frames of the recording, and how many peaks there are of each side."""

Sides = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Drawn:
    """The loudest sample of each part, 0 to 100, of the caller and of the others."""

    frames: int
    left: tuple[int, ...]
    right: tuple[int, ...]


class Peaks:
    """Grows by segments, in their order."""

    def __init__(self) -> None:
        self.frames = 0
        self._step = _FIRST
        self._peaks: Sides = np.zeros((0, 2), np.uint8)

    def add(self, left: bytes, right: bytes) -> None:
        """Take the next frames of both legs (signed 16-bit little-endian, equally long)."""
        samples = np.column_stack([np.frombuffer(leg, "<i2") for leg in (left, right)]).astype(np.int32)
        first, self.frames = self.frames, self.frames + len(samples)
        while self.frames > MOST * self._step:
            self._halve()
        places = np.arange(first, self.frames) // self._step
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        loudest = (np.maximum.reduceat(np.abs(samples), starts) * 100 // _FULL).clip(0, 100).astype(np.uint8)
        grown = np.zeros((int(places[-1]) + 1, 2), np.uint8)
        grown[: len(self._peaks)] = self._peaks
        grown[places[starts]] = np.maximum(grown[places[starts]], loudest)
        self._peaks = grown

    def _halve(self) -> None:
        """Two peaks become one of twice as many frames."""
        self._step *= 2
        even = np.zeros((-(-len(self._peaks) // 2) * 2, 2), np.uint8)
        even[: len(self._peaks)] = self._peaks
        self._peaks = even.reshape(-1, 2, 2).max(axis=1)

    def to_bytes(self) -> bytes:
        """What is to be sealed: always as long, whatever was said."""
        room = np.zeros((MOST, 2), np.uint8)
        room[: len(self._peaks)] = self._peaks
        return _HEAD.pack(self._step, self.frames, len(self._peaks)) + room.tobytes()


def drawn_from(data: bytes) -> Drawn:
    """What `Peaks.to_bytes` wrote; raises Damaged for anything else."""
    if len(data) != _HEAD.size + 2 * MOST:
        raise Damaged("These are no peaks of a recording.")
    _, frames, count = _HEAD.unpack_from(data)
    if count > MOST:
        raise Damaged("These are no peaks of a recording.")
    sides = np.frombuffer(data, np.uint8, offset=_HEAD.size).reshape(MOST, 2)[:count]
    return Drawn(frames, tuple(sides[:, 0].tolist()), tuple(sides[:, 1].tolist()))
