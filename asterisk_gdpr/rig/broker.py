"""An MQTT broker of its own: mosquitto from Debian's package, run from the cache, with a folder and a port.

It keeps what it is told across a restart only if it is asked to; what it must know of users and certificates
is given as lines of its configuration.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.rig.debian import cache_folder
from asterisk_gdpr.rig.instance import free_port
from asterisk_gdpr.rig.tree import unpacked

_SECONDS = 10.0


def mosquitto() -> Path:
    """The program, fetched first if need be."""
    return unpacked(cache_folder(), "mosquitto", ["mosquitto"]) / "bin/mosquitto"


class Mosquitto:
    """`with Mosquitto() as broker:`; `lines` are added to its configuration."""

    def __init__(self, *, lines: Sequence[str] = (), anonymous: bool = True) -> None:
        self.port = free_port()
        self._lines = [f"allow_anonymous {'true' if anonymous else 'false'}", *lines]
        self._folder = Path(tempfile.mkdtemp(prefix="asterisk-gdpr-broker-"))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Mosquitto:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start it on its port, and wait until it takes connections."""
        folder = self._folder
        user = pwd.getpwuid(os.geteuid()).pw_name  # started as root it would go on as another
        lines = [
            f"user {user}",
            f"listener {self.port} 127.0.0.1",
            "persistence false",
            "log_dest none",
            *self._lines,
        ]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(mosquitto()), "-c", str(folder / "mosquitto.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise Unreachable(f"The broker does not start: {(folder / 'log').read_text(errors='replace')}")

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop it where it is."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
            try:
                process.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
