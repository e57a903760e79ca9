"""A folder for what must lie on no disk: in memory; what a kill leaves there goes with the next one."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  # a tmpfs
PREFIX = "asterisk-gdpr-clear-"
_YOUNG = 60.0
"""Seconds in which a folder may have been made and not be locked yet."""


@contextmanager
def memory_folder(otherwise: Path) -> Iterator[Path]:
    """A folder of one's own in memory, or in `otherwise` where there is none; what was killed is swept."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else otherwise
    _sweep(place)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place) as name:
        folder = Path(name)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # it dies with the process
            yield folder
        finally:
            os.close(handle)


def _sweep(place: Path) -> None:
    """Remove what processes of this user have left that are no more."""
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
            if mine and time.time() - found.st_mtime > _YOUNG and not _in_use(folder):
                shutil.rmtree(folder)


def _in_use(folder: Path) -> bool:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
