"""One daemon for one installation: a lock, and the mark by which Asterisk tells it from any other."""

from __future__ import annotations

import fcntl
import hashlib
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk_gdpr.errors import Refused


@contextmanager
def only_one(state: Path) -> Iterator[str]:
    """Hold the lock of this installation; a second daemon would take the first one's calls away.

    Yields the mark of this installation: the same in its next life, another one for a copy of it.
    """
    with (state / "daemon.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another daemon of this installation is running.", id="already-running") from None
        lock.seek(0)
        mark = lock.read()
        if not mark:
            mark = secrets.token_hex(16)
            lock.write(mark)
            lock.flush()
        yield hashlib.sha256(f"{mark} {socket.gethostname()} {state.absolute()}".encode()).hexdigest()[:16]
