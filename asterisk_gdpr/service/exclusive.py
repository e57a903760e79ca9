"""Work that only one process of an installation may do at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk_gdpr.errors import Refused


@contextmanager
def exclusive(path: Path, what: str) -> Iterator[None]:
    """Hold a lock file while something is done; Refused (`already-running`) when another process has it."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"Another process {what} just now.", hint="Try again.", id="already-running"
            ) from None
        yield
