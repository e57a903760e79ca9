"""Does anything that must not be on a disk lie on it? Every byte of every file is looked at.

What to look for are `Needle`s: a name, byte strings of which any one is a find, and the ways to look at a
file in which they would be found.
"""

from __future__ import annotations

import contextlib
import io
import os
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from asterisk_gdpr.rig.sound import RATE, Samples, from_ulaw, to_ulaw

View = Callable[[bytes], Iterator[bytes]]
"""Ways to look at the bytes of a file; each yields what they are in one reading."""

# 8 ms of noise are told from any other bytes; a piece every 50 ms finds all but the shortest remains of it.
_PIECE, _STEP = 64, RATE // 20
_BETWEEN_DIGITS = b" \t-./()+\0"
"""What people put between the digits of a number, and the zeros of UTF-16."""
_IN_MEMORY = ("/dev/shm/", "/memfd:", "/dev/zero")  # noqa: S108  # a tmpfs
"""What a process has open that no disk holds."""


@dataclass(frozen=True)
class Needle:
    """What must not be found."""

    name: str
    pieces: Sequence[bytes]
    views: Sequence[View]

    def is_in(self, data: bytes) -> bool:
        """Whether any piece of it is in these bytes, whichever way they are looked at."""
        return any(piece in seen for view in self.views for seen in view(data) for piece in self.pieces)


@dataclass(frozen=True)
class Trace:
    """A find: in which file, of what."""

    path: Path
    name: str


def audio_needles(name: str, sound: Samples) -> list[Needle]:
    """A sound that phones have sent, as it may be stored: signed 16-bit either way round, µ-law, or FLAC.

    Headers are no matter, so WAV is found as well, and either channel of two is looked at by itself.
    The samples are those that µ-law leaves of the sound.
    """
    coded = to_ulaw(sound)
    decoded = from_ulaw(coded)
    starts = range(0, len(sound) - _PIECE, _STEP)
    little, big = (
        [decoded[start : start + _PIECE].astype(order).tobytes() for start in starts]
        for order in ("<i2", ">i2")
    )
    return [
        Needle(f"{name}, 16-bit", little, (_as_it_is, _either_of_two(2))),
        Needle(f"{name}, 16-bit swapped", big, (_as_it_is, _either_of_two(2))),
        Needle(
            f"{name}, µ-law",
            [coded[start : start + _PIECE] for start in starts],
            (_as_it_is, _either_of_two(1)),
        ),
        Needle(f"{name}, FLAC", little, (_flac,)),
    ]


def number_needle(name: str, number: str, country: str = "49") -> Needle:
    """A telephone number in E.164 (`+4915112345678`), as people and systems write it, also as UTF-16."""
    # The national digits are in every way to write it, so that no needle of their own is needed for the rest.
    national = number.removeprefix("+").removeprefix(country)
    return Needle(name, [national.encode()], (_digits,))


def secret_needle(name: str, secret: bytes) -> Needle:
    """A key or a password, as it is, in hexadecimal digits or in base64."""
    return Needle(name, [secret, secret.hex().encode(), b64encode(secret).rstrip(b"=")], (_as_it_is,))


def traces(
    root: Path,
    needles: Iterable[Needle],
    *,
    since: float = 0.0,
    leave_out: Iterable[Path] = (),
    deep: bool = True,
) -> list[Trace]:
    """Every find in a folder, and below it if `deep`, in files written since an instant (epoch seconds).

    `leave_out` are files and folders that are spoken of elsewhere, such as Asterisk's own logs.
    A file that goes away meanwhile is not on the disk.
    """
    excluded, needles = tuple(leave_out), tuple(needles)
    found: list[Trace] = []
    for folder, below, names in os.walk(root):
        if not deep:
            below.clear()
        for path in sorted(Path(folder, name) for name in names):
            if any(path == other or other in path.parents for other in excluded):
                continue
            with contextlib.suppress(FileNotFoundError):
                if not path.is_symlink() and path.is_file() and path.stat().st_mtime >= since:
                    found += _in_file(path, needles)
    return found


def traces_unlinked(pid: int, needles: Iterable[Needle]) -> list[Trace]:
    """Every find in files that have no name any more and that a process still holds open on a disk."""
    found: list[Trace] = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            name = str(path.readlink())
            if name.endswith(" (deleted)") and not name.startswith(_IN_MEMORY) and path.is_file():
                found += _in_file(path, needles)
    return found


def _in_file(path: Path, needles: Iterable[Needle]) -> list[Trace]:
    data = path.read_bytes()
    return [Trace(path, needle.name) for needle in needles if needle.is_in(data)]


def _as_it_is(data: bytes) -> Iterator[bytes]:
    yield data


def _either_of_two(width: int) -> View:
    """Each channel of two, whose samples are so many bytes wide, wherever in the file they begin."""

    def view(data: bytes) -> Iterator[bytes]:
        for start in range(min(2 * width, len(data))):
            frames = np.frombuffer(data, f"V{2 * width}", (len(data) - start) // (2 * width), start)
            yield frames.astype(f"V{width}").tobytes()

    return view


def _digits(data: bytes) -> Iterator[bytes]:
    """Without what stands between the digits of a number, in text and in addresses."""
    yield data.translate(None, _BETWEEN_DIGITS).replace(b"%20", b"")


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
