"""One private Asterisk process: its folder, its configuration files, its life and death.

Nothing is shared with an Asterisk of the host: every path is inside one folder, every port is on loopback.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from asterisk_gdpr.errors import Misuse, Unreachable
from asterisk_gdpr.rig import settings
from asterisk_gdpr.rig.debian import Programs

_BOOT_SECONDS = 30.0
_STOP_SECONDS = 5.0
# Below the kernel's ports for outgoing connections, which come and go, and above the range given to RTP.
_PORTS = range(20000, 32768)


_taken: list[int] = []
"""Locks on ports that this process has been given; they go with the process."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nothing is bound to now, and that no other bench has been given."""
    locks = Path(tempfile.gettempdir()) / f"asterisk-gdpr-ports-{os.geteuid()}"
    locks.mkdir(mode=0o700, exist_ok=True)
    for port in random.sample(_PORTS, 200):
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            lock = os.open(locks / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                # What is bound here only later would be given twice.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            _taken.append(lock)
            return port
    raise Unreachable("No free port on 127.0.0.1.", id="no-free-port")


class Instance:
    """An Asterisk of its own in `folder`; `files` are its configuration files, by name, as text; `unwanted`
    are patterns of modules that it can do without.
    They are written at each start, so that what is changed in them meanwhile holds from the next start on.

    Start it from a thread that lives as long as it: the kernel kills it when that thread ends, so that a run
    that is killed leaves nothing behind.
    """

    def __init__(
        self, programs: Programs, folder: Path, name: str, files: Mapping[str, str], unwanted: str = ""
    ) -> None:
        self.programs = programs
        self.folder = folder.absolute()
        self.name = name
        self.files = {**settings.common(programs, self.folder, name, unwanted), **files}
        self._process: subprocess.Popen[bytes] | None = None
        if len(str(self.folder / "run/asterisk.ctl")) > 107:
            raise Misuse(f"{folder} is too long a path: Asterisk's control socket must fit into 107 bytes.")

    @property
    def etc(self) -> Path:
        """The folder of the configuration files."""
        return self.folder / "etc"

    @property
    def pid(self) -> int:
        """The process id of the running Asterisk."""
        return self._running().pid

    def alive(self) -> bool:
        """Whether the process is there (frozen counts as there)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Write the configuration, start the process, and wait until it is fully booted (about 0.5 s)."""
        if self.alive():
            raise Misuse(f"The Asterisk {self.name} is already running.")
        for name in ("etc", "var/cache", "var/keys", "spool", "run", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._furnish()
        for name, text in self.files.items():
            (self.etc / name).write_text(text)
        command = [str(self.programs.asterisk), "-C", str(self.etc / "asterisk.conf"), "-f", "-n"]
        if shutil.which("setpriv"):
            command = ["setpriv", "--pdeathsig", "KILL", *command]
        with (self.folder / "log/console").open("ab") as console:
            # A session of its own: a signal to the test runner's group is not meant for the PBX.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
            )
        self._wait_until_booted()

    def _furnish(self) -> None:
        """What the package has, and its sounds where they are looked for: installing it would see to that."""
        theirs, sounds = self.programs.data, self.folder / "data/sounds"
        sounds.mkdir(parents=True, exist_ok=True)
        voices = sorted((theirs / "sounds").glob("*"))
        found = {sounds.parent / one.name: one for one in theirs.iterdir() if one.name != "sounds"}
        found |= {sounds / one.name: one for one in voices}
        english = next((one for one in voices if one.name.startswith("en")), None)
        if english is not None:
            found.setdefault(sounds / "en", english)
        for link, target in found.items():
            if not link.is_symlink():
                link.symlink_to(target)

    def stop(self) -> None:
        """End it in an orderly way, and by force if it has not ended within 5 s."""
        if self._process is None:
            return
        self.thaw()
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it at once, as a crash or a power cut would (SIGKILL)."""
        self._signal(signal.SIGKILL)
        self._running().wait()

    def freeze(self) -> None:
        """Stop all its threads where they are (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after `freeze`; nothing happens if it was not frozen."""
        self._signal(signal.SIGCONT)

    def reload(self, name: str, command: str) -> None:
        """Write one configuration file anew from `files`, and have the running Asterisk read it."""
        (self.etc / name).write_text(self.files[name])
        self.rx(command)

    def rx(self, command: str) -> str:
        """What the running Asterisk answers to a command of its console."""
        done = subprocess.run(
            [str(self.programs.asterisk), "-C", str(self.etc / "asterisk.conf"), "-rx", command],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Unreachable(
                f"The Asterisk {self.name} does not answer: {done.stdout}{done.stderr}".rstrip()
            )
        return done.stdout

    def log(self) -> str:
        """Everything it has logged since its folder was made: notices, warnings and errors."""
        path = self.folder / "log/messages.log"
        return path.read_text(errors="replace") if path.is_file() else ""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise Misuse(f"The Asterisk {self.name} has not been started.")
        return self._process

    def _signal(self, number: signal.Signals) -> None:
        self._running().send_signal(number)

    def _wait_until_booted(self) -> None:
        deadline = time.monotonic() + _BOOT_SECONDS
        while time.monotonic() < deadline:
            if not self.alive():
                console = (self.folder / "log/console").read_text(errors="replace")
                raise Unreachable(f"The Asterisk {self.name} ended while starting:\n{console[-2000:]}")
            with contextlib.suppress(Unreachable):
                if "fully booted" in self.rx("core waitfullybooted"):
                    return
            time.sleep(0.02)
        self.kill()
        raise Unreachable(f"The Asterisk {self.name} was not ready after {_BOOT_SECONDS:.0f} s.")
