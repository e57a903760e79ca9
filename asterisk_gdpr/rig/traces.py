"""Does anything that must not be on a disk lie on it? Every byte of every file is looked at.

What to look for is given as `Needles`: a name, and byte strings of which any one is a find.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from asterisk_gdpr.rig.sound import RATE, Samples, from_ulaw, to_ulaw

Needles = Mapping[str, Sequence[bytes]]

# 8 ms of noise are told from any other bytes; a piece every 50 ms finds all but the shortest remains of it.
_PIECE, _STEP = 64, RATE // 20


@dataclass(frozen=True)
class Trace:
    """A find: in which file, of what, in which form (`bytes`, or `FLAC` for what a decoded file holds)."""

    path: Path
    name: str
    form: str


def audio_needles(name: str, sound: Samples) -> Needles:
    """A sound that phones have sent, as it may be stored: signed 16-bit either way round, or µ-law.

    Headers are no matter, so WAV is found as well. The samples are those that µ-law leaves of the sound.
    """
    coded = to_ulaw(sound)
    decoded = from_ulaw(coded)
    starts = range(0, len(sound) - _PIECE, _STEP)
    return {
        f"{name}, 16-bit": [decoded[start : start + _PIECE].astype("<i2").tobytes() for start in starts],
        f"{name}, 16-bit swapped": [
            decoded[start : start + _PIECE].astype(">i2").tobytes() for start in starts
        ],
        f"{name}, µ-law": [coded[start : start + _PIECE] for start in starts],
    }


def number_needles(name: str, number: str, country: str = "49") -> Needles:
    """A telephone number in E.164 (`+4915112345678`), as people and systems write it, also as UTF-16."""
    digits = number.removeprefix("+")
    # The national digits are in every other way to write it, so that no separate needle is needed for them.
    national = digits.removeprefix(country)
    return {name: [national.encode(), national.encode("utf-16-le")]}


def traces(
    root: Path, needles: Needles, *, since: float = 0.0, leave_out: Iterable[Path] = ()
) -> list[Trace]:
    """Every find below a folder in files written since an instant (seconds since the epoch).

    `leave_out` are files and folders that are spoken of elsewhere, such as Asterisk's own logs.
    A file that goes away meanwhile is not on the disk.
    """
    excluded = tuple(leave_out)
    found: list[Trace] = []
    for path in sorted(root.rglob("*")):
        if any(path == other or other in path.parents for other in excluded):
            continue
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_mtime < since:
                continue
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        found.extend(Trace(path, name, form) for form, name in _in_bytes(data, needles))
    return found


def _in_bytes(data: bytes, needles: Needles) -> Iterator[tuple[str, str]]:
    for form, view in (("bytes", data), *(("FLAC", decoded) for decoded in _flac(data))):
        for name, pieces in needles.items():
            if any(piece in view for piece in pieces):
                yield form, name


def _flac(data: bytes) -> Iterator[bytes]:
    """What each FLAC stream within the bytes holds, channel by channel, as signed 16-bit little endian."""
    start = data.find(b"fLaC")
    while start >= 0:
        try:
            samples, _ = soundfile.read(io.BytesIO(data[start:]), dtype="int16", always_2d=True)
        except soundfile.LibsndfileError:
            samples = np.zeros((0, 1), dtype=np.int16)
        for channel in samples.T:
            yield channel.astype("<i2").tobytes()
        start = data.find(b"fLaC", start + 4)
