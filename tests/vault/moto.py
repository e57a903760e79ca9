"""A real S3 server as a process of its own: moto, by HTTP, with a bucket that can lock."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from asterisk_gdpr.rig.instance import free_port
from tests.vault.s3 import S3Server

_SECONDS = 20.0


class Moto(S3Server):
    """`with Moto() as moto:`; what it holds is gone when it stops, but not while it is frozen."""

    def __init__(self, *, locks_hold: bool = True) -> None:
        """Without `locks_hold` it is moto as it comes, where a lock may be shortened by anybody."""
        self._module = "tests.vault.strict_moto" if locks_hold else "moto.server"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Moto:
        command = [sys.executable, "-m", self._module, "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=Path(__file__).parents[2],
        )
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.05)
        raise AssertionError("moto does not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self.thaw()
        self._process.terminate()
        self._process.wait(_SECONDS)

    def freeze(self) -> None:
        """Take every connection, and answer none: a bucket behind a dead network."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Answer again."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)
