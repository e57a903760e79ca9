"""The spool: the only place where plaintext audio exists, and only in memory.

The legs are files that we make beforehand in a folder of a tmpfs. Asterisk opens them for writing,
truncates them and leaves owner and mode as they are (Asterisk 22), so the folder need not be writable
for it: 2710, its group Asterisk's, the files 0660. Memory behind what has been sealed is given back by
punching holes, from page boundaries on: a hole that begins inside a page never frees that page.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import Legs

PAGE = 4096
"""Holes end at a multiple of this. They begin at 0 each time, so that larger pages are freed as well."""

SUFFIX = {8000: "sln", 16000: "sln16"}
"""What Asterisk calls raw signed 16-bit samples of each rate (format_sln)."""

_FALLOC_FL_KEEP_SIZE = 1
_FALLOC_FL_PUNCH_HOLE = 2
_FILE = re.compile(
    r"(?P<recording>[a-z0-9]+)\.((?P<stretch>\d+)\.(left|right)\.(?P<kind>sln(16)?)|notes\.(json|new))"
)

_libc = ctypes.CDLL(None, use_errno=True)
# Where a program may be built for 32-bit offsets (glibc on 32-bit machines), this one has 64 bits.
_fallocate = getattr(_libc, "fallocate64", None) or _libc.fallocate
_fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]


class FileSpool:
    """Legs as files in `folder`; `group` is the number of Asterisk's group, None to leave groups alone."""

    def __init__(self, folder: Path, group: int | None = None) -> None:
        self._folder = folder
        self._group = group
        self._device = self._device_now()

    def prepare(self, recording: str, stretch: int, rate: int) -> Legs:
        """Make the two leg files, empty; legs that are there already are not touched."""
        legs = self._legs(recording, stretch, SUFFIX[rate])
        with _memory_answers(), ExitStack() as undo:
            self._be_there()
            for leg in (legs.left, legs.right):
                with _opened(leg, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660) as handle:
                    undo.callback(Path(leg).unlink)
                    os.fchmod(handle, 0o660)  # the umask has no say: Asterisk's group must be able to write
                    if self._group is not None:
                        os.fchown(handle, -1, self._group)
            undo.pop_all()
        return legs

    def length(self, legs: Legs) -> int | None:
        """How much both legs hold; None when one of them is gone."""
        with _memory_answers():
            try:
                # Asked for every leg many times a second: making a Path would cost more than the question.
                return min(os.stat(leg).st_size for leg in (legs.left, legs.right))  # noqa: PTH116
            except FileNotFoundError:
                return None

    def read(self, legs: Legs, offset: int, length: int) -> tuple[bytes, bytes]:
        """The same range of both legs."""
        with _memory_answers():
            return _read(legs.left, offset, length), _read(legs.right, offset, length)

    def is_whole(self, legs: Legs) -> bool:
        """Ask the kernel for a lease on each: it gives none while anybody has the file open for writing."""
        return not any(_is_written(leg) for leg in (legs.left, legs.right))

    def release(self, legs: Legs, upto: int) -> None:
        """Give back the memory of the whole pages before `upto` (bytes)."""
        end = upto - upto % PAGE
        if end == 0:
            return
        for leg in (legs.left, legs.right):
            with _memory_answers(), _opened(leg, os.O_WRONLY) as handle:
                mode = _FALLOC_FL_KEEP_SIZE | _FALLOC_FL_PUNCH_HOLE
                if _fallocate(handle, mode, 0, end) != 0:
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number))

    def remove(self, recording: str) -> None:
        """Unlink whatever lies here of a recording, cut to nothing first: Asterisk may have it open."""
        with _memory_answers():
            for one in self._lying(recording):
                path = self._folder / one.string
                with suppress(FileNotFoundError):  # an eraser and a sealer may come for the same
                    os.truncate(path, 0)
                    path.unlink()

    def keep_notes(self, recording: str, notes: bytes) -> None:
        """Replace the notes as a whole, so that a killed process leaves the old or the new ones."""
        stem = f"{self._folder}/{recording}.notes"
        fresh = f"{stem}.new"
        with _memory_answers():
            self._be_there()
            # Kept for every recording each few seconds: plain calls are a third of what Path makes of them.
            with _opened(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) as handle:
                _write_all(handle, notes)
            os.replace(fresh, f"{stem}.json")  # noqa: PTH105

    def notes(self, recording: str) -> bytes | None:
        """What was noted beside the legs."""
        with _memory_answers():
            try:
                return self._notes(recording).read_bytes()
            except FileNotFoundError:
                return None

    def find(self, recording: str) -> Sequence[tuple[int, Legs]]:
        """The stretches of which a leg lies here for a recording, in order."""
        found = {(int(one["stretch"]), one["kind"]) for one in self._lying(recording) if one["stretch"]}
        return [(stretch, self._legs(recording, stretch, kind)) for stretch, kind in sorted(found)]

    def recordings(self) -> Sequence[str]:
        """The recordings of which anything lies here."""
        return sorted({one["recording"] for one in self._lying()})

    def room(self) -> float:
        """The share of the spool that is free, 0 to 1."""
        with _memory_answers():
            place = os.statvfs(self._folder)
        return place.f_bavail / place.f_blocks if place.f_blocks else 0.0

    def _device_now(self) -> int | None:
        """What the folder is on; None while it is not there."""
        try:
            return self._folder.stat().st_dev
        except OSError:
            return None

    def _be_there(self) -> None:
        """Say so when the memory was taken out: what lies beneath its mount point is a disk."""
        device = os.stat(self._folder).st_dev  # noqa: PTH116  # for all notes each few seconds
        if self._device is None:
            self._device = device
        if device != self._device:
            raise FileNotFoundError

    def _legs(self, recording: str, stretch: int, kind: str) -> Legs:
        stem = self._folder / f"{recording}.{stretch}"
        return Legs(f"{stem}.left.{kind}", f"{stem}.right.{kind}")

    def _notes(self, recording: str) -> Path:
        return self._folder / f"{recording}.notes.json"

    def _lying(self, recording: str = "") -> Iterator[re.Match[str]]:
        """The name of each file of ours (of one recording), taken apart; a leg has a stretch and a kind."""
        with _memory_answers():
            names = [path.name for path in self._folder.iterdir()]
        for name in names:
            if (match := _FILE.fullmatch(name)) and recording in ("", match["recording"]):
                yield match


@contextmanager
def _opened(path: str, flags: int, mode: int = 0) -> Iterator[int]:
    handle = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    try:
        yield handle
    finally:
        os.close(handle)


def _read(path: str, offset: int, length: int) -> bytes:
    with _opened(path, os.O_RDONLY) as handle:
        return os.pread(handle, length, offset)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _is_written(path: str) -> bool:
    """Whether anybody has it open for writing, as far as that can be told."""
    with suppress(OSError), _opened(path, os.O_RDONLY) as handle:
        # Who opens it now to write would be held up for a moment and we be told so, by a signal of no effect.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        try:
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return True
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


@contextmanager
def _memory_answers() -> Iterator[None]:
    """Turn what the system says into our two kinds of failure."""
    try:
        yield
    except FileExistsError:
        raise Refused("The legs of this recording are there already.", id="legs-exist") from None
    except FileNotFoundError:
        raise Refused(
            "The spool or a leg in it is gone.",
            hint="Is the spool mounted? `asterisk-gdpr check` says what it lacks.",
            id="spool-gone",
        ) from None
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "EIO")
        raise Unreachable(f"The spool does not answer ({code}).", id="spool-unreachable") from None
