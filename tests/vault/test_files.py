"""What the vault in a folder does beyond its contract: modes, what is durable when, what is away."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_names import place_of
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.service.ids import new_id

NAME = "r234567abcdefghij"
DAY = place_of(NAME).partition("/")[0]
OTHER = NAME[:-1] + "k"
"""Another of the same moment."""


@pytest.fixture
def wide_umask() -> Iterator[None]:
    """A umask that would let everyone in."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_modes(tmp_path: Path, wide_umask: None) -> None:
    """Containers and their folders are for us alone, whatever the umask."""
    FileVault.lay_out(tmp_path).append(NAME, 0, b"x")

    (container,) = tmp_path.rglob("*.agdpr")
    assert stat.S_IMODE(container.stat().st_mode) == 0o600
    assert stat.S_IMODE(container.parent.stat().st_mode) == 0o700
    assert container.relative_to(tmp_path).as_posix() == place_of(NAME)


def test_a_folder_per_day_that_goes_with_its_last_container(tmp_path: Path) -> None:
    """What was begun on one day lies in one folder, by the time that its id tells, and leaves none behind."""
    vault = FileVault.lay_out(tmp_path)
    first, second, odd = new_id("r"), new_id("r"), "zzzzzzzzzz"
    for name in (first, second, odd):
        vault.append(name, 0, b"x")
    today = datetime.now(UTC).date()

    assert {each.name for each in tmp_path.iterdir() if each.is_dir()} <= {
        f"{today}",
        f"{today - timedelta(days=1)}",
        "undated",
    }
    assert list(vault.names()) == sorted([first, second, odd])
    vault.delete(first)
    assert vault.size(second) == 1
    vault.delete(second)
    vault.delete(odd)
    assert [each for each in tmp_path.iterdir() if each.is_dir()] == []


def test_a_day_whose_folder_goes_takes_what_comes(tmp_path: Path) -> None:
    """While one process deletes the last container of a day, another begins one there, and neither fails."""
    vault = FileVault.lay_out(tmp_path)
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            vault.append(NAME, 0, b"x")
            vault.delete(NAME)

    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(come_and_go)
        try:
            for _ in range(300):
                vault.append(OTHER, 0, b"y")
                vault.delete(OTHER)
        finally:
            over.set()
        work.result()
    assert list(vault.names()) == []


SYNCS = """
import os, sys
from pathlib import Path
from asterisk_gdpr.adapters.vault_files import FileVault

real_fsync, real_pwrite, real_cut = os.fsync, os.pwrite, os.ftruncate
told = []

def name(handle):
    return Path(os.readlink(f"/proc/self/fd/{handle}")).name

def fsync(handle):
    told.append("sync " + name(handle))
    real_fsync(handle)

def pwrite(handle, data, at):
    told.append("write")
    return real_pwrite(handle, data[:3], at)

def ftruncate(handle, length):
    told.append("cut")
    real_cut(handle, length)

vault = FileVault.lay_out(Path(sys.argv[1]))
os.fsync, os.pwrite, os.ftruncate = fsync, pwrite, ftruncate
vault.append(sys.argv[2], 0, b"abcde")
vault.append(sys.argv[2], 4, b"f")
vault.delete(sys.argv[2])
print(*told, sep="\\n")
"""


def test_what_is_synced_when(tmp_path: Path) -> None:
    """Bytes are on disk before their name is, and a name or a deletion is before the call returns."""
    folder = tmp_path / "vault"
    folder.mkdir()
    command = [sys.executable, "-c", SYNCS, str(folder), NAME]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")

    begun = ["write", "write", f"sync {NAME}.agdpr", f"sync {DAY}", "sync vault"]
    grown = ["cut", "write", f"sync {NAME}.agdpr"]
    assert told == [*begun, *grown, f"sync {DAY}", "sync vault", ""]


def test_a_vault_that_is_away(tmp_path: Path) -> None:
    """While the folder itself is away, nothing in it counts as gone or as deleted."""
    vault = FileVault(tmp_path / "away")

    for act in (
        lambda: vault.append(NAME, 0, b"x"),
        lambda: vault.size(NAME),
        lambda: vault.delete(NAME),
        lambda: list(vault.names()),
    ):
        with pytest.raises(Unreachable):
            act()
    assert not (tmp_path / "away").exists()


def test_a_mount_point_without_its_disk_is_no_vault(tmp_path: Path) -> None:
    """An empty folder that was never laid out as a vault tells nothing of what is gone."""
    vault = FileVault(tmp_path)

    for act in (lambda: vault.size(NAME), lambda: vault.delete(NAME), lambda: vault.append(NAME, 0, b"x")):
        with pytest.raises(Unreachable):
            act()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_loses_nothing_that_was_committed() -> None:
    """What a full disk took in part is cut by the next append."""
    command = [sys.executable, "-c", FULL_DISK]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert told == "vault-unreachable 8 committed\n"


FULL_DISK = """
import resource, signal, tempfile
from pathlib import Path
from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.errors import Unreachable

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with tempfile.TemporaryDirectory() as folder:
    vault = FileVault.lay_out(Path(folder))
    vault.append("r234567abc", 0, b"comm")
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, resource.RLIM_INFINITY))
    try:
        vault.append("r234567abc", 4, b"much too long")
    except Unreachable as error:
        print(error.id, vault.size("r234567abc"), end=" ")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    vault.append("r234567abc", 4, b"itted")
    print(vault.read("r234567abc", 0, 100).decode())
"""
