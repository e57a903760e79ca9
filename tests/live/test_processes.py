"""The processes as an admin starts them: both together, ended together, unlocked from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asterisk_gdpr.rig.instance import free_port
from asterisk_gdpr.service.keys.control import SOCKET
from tests.cli.house import APPROVED, set_up

pytestmark = pytest.mark.live


class Up:
    """`asterisk-gdpr up` on an installation whose Asterisk is not there."""

    def __init__(self, folder: Path, port: int) -> None:
        self.config = folder / "config.yaml"
        self.run = folder.parent / "run"
        self.address = f"http://127.0.0.1:{port}/healthz"
        self.process = subprocess.Popen(self.words("up"))

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "asterisk_gdpr", "--config", str(self.config), *words]

    def children(self) -> dict[str, int]:
        """The process ids of both, by command."""
        found = {}
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            found[words[5].decode()] = int(pid)
        return found

    def ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.run / SOCKET)) == 0 and len(self.children()) == 2


def wait(until: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something to become so."""
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.1)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Both processes, running."""
    port = free_port()
    assert set_up(tmp_path / "house", "--listen", f"127.0.0.1:{port}", "--ami-port", str(free_port())) == 0
    policy = tmp_path / "house/policy.yaml"
    policy.write_text(policy.read_text() + APPROVED)
    (tmp_path / "spool").mkdir()
    up = Up(tmp_path / "house", port)
    try:
        wait(up.ready)
        yield up
    finally:
        up.process.terminate()
        up.process.wait(30)


def test_one_signal_ends_both(up: Up) -> None:
    """The page answers, is unlocked from outside, and ends with the daemon at one signal, leaving nothing."""
    with urllib.request.urlopen(up.address, timeout=10) as answer:
        assert answer.status == 200
    passphrase = up.config.parent.parent / "passphrase"
    unlocked = subprocess.run(up.words("unlock", "--passphrase-file", str(passphrase)), check=False)
    assert unlocked.returncode == 0
    children = up.children()
    assert set(children) == {"run", "web"}

    up.process.send_signal(signal.SIGTERM)

    assert up.process.wait(30) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())
    assert not (up.run / SOCKET).exists()


@pytest.mark.parametrize("which", ["run", "web"])
def test_neither_goes_on_alone(up: Up, which: str) -> None:
    """When one is killed the other is ended too, and the exit status says that something was wrong."""
    children = up.children()

    os.kill(children[which], signal.SIGKILL)

    assert up.process.wait(30) == 1
    assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())


def test_a_second_daemon_is_refused(up: Up) -> None:
    """A second daemon or page of the same installation would take the first one's calls or socket away."""
    wait(lambda: (up.config.parent / "state/daemon.lock").exists())
    for command in ("run", "web"):
        second = subprocess.run(up.words(command), check=False, capture_output=True, text=True, timeout=60)
        assert second.returncode == 1
        assert "[already-running]" in second.stderr
