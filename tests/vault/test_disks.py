"""The vault's disk full, read-only, taken out: on real small file systems, mounted where only we see them.

Each test runs itself again in a namespace of its own (`unshare`), in which no root is needed to mount.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest

from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.errors import Refused, Unreachable
from tests.fakes.spool import MemorySpool
from tests.fakes.vault import MemoryVault
from tests.sealing.stage import BLOCK, POLICY, Stage

pytestmark = pytest.mark.thorough

CHECKOUT = Path(__file__).parents[2]


def mount(*arguments: str | Path) -> None:
    """Mount, remount or bind."""
    subprocess.run(["mount", *map(str, arguments)], check=True)


def unmount(folder: Path) -> None:
    """Take it out."""
    subprocess.run(["umount", str(folder)], check=True)


class Disk:
    """A call that is sealed on a disk of half a megabyte; `gone_wrong` and `mended` are what befalls it."""

    def __init__(self, folder: Path) -> None:
        self.disk, self.vault = folder / "disk", folder / "vault"
        for each in (self.disk, self.vault):
            each.mkdir()
        mount("-t", "tmpfs", "-o", "size=512k", "none", self.disk)
        mount("--bind", self.disk, self.vault)
        self.stage = Stage(vault=cast(MemoryVault, FileVault.lay_out(self.vault)))
        self.stage.prepare()

    def talk(self, blocks: int) -> list[Any]:
        """So many times two seconds are spoken, each followed by a tick; returns what could not be sealed."""
        failed = []
        for _ in range(blocks):
            self.stage.pass_by(2)
            self.stage.grow(BLOCK)
            self.stage.sealing.look()
            failed += self.stage.sealing.tick()
        return failed

    def until(self, gone_wrong: Callable[[], None], mended: Callable[[], None]) -> None:
        """The call goes on through all of it, and ends whole."""
        assert self.talk(4) == []
        gone_wrong()
        failed = self.talk(10)
        assert failed and all(isinstance(error, Unreachable) for _, error in failed)
        assert "sealing-stalled" in [alarm.id for alarm in self.stage.register.alarms()]
        with pytest.raises(Unreachable):
            self.stage.close()
        waiting = self.stage.committed
        mended()
        self.talk(2)
        assert self.stage.committed > waiting
        assert self.stage.close()
        assert self.stage.opened()[0] == self.stage.expected()
        assert self.stage.register.alarms() == []


def full(folder: Path) -> None:
    """Nothing more fits, until somebody makes room."""
    at = Disk(folder)
    filler = at.disk / "filler"

    def fill() -> None:
        handle = os.open(filler, os.O_CREAT | os.O_WRONLY, 0o600)
        with suppress(OSError):
            while True:
                os.write(handle, bytes(4096))
        os.close(handle)

    def bigger() -> None:
        filler.unlink()
        mount("-o", "remount,size=16m", at.disk)

    at.until(fill, bigger)


def read_only(folder: Path) -> None:
    """A disk with a fault is read-only, as the kernel makes it."""
    at = Disk(folder)
    mount("-o", "remount,size=16m", at.disk)
    at.until(
        lambda: mount("-o", "remount,bind,ro", at.vault), lambda: mount("-o", "remount,bind,rw", at.vault)
    )


def taken_out(folder: Path) -> None:
    """The mount point stays, empty; then the disk is back."""
    at = Disk(folder)
    mount("-o", "remount,size=16m", at.disk)
    at.until(lambda: unmount(at.vault), lambda: mount("--bind", at.disk, at.vault))


class Legs(FileSpool):
    """The spool with Asterisk's part in it: legs grow."""

    @property
    def legs(self) -> list[str]:
        """The legs that are there."""
        return [leg for name in self.recordings() for _, pair in self.find(name) for leg in (pair.left,)]

    def grow(self, legs: Any, *grown: bytes) -> None:
        """Asterisk writes these bytes more."""
        for leg, more in zip((legs.left, legs.right), grown, strict=True):
            with Path(leg).open("ab") as file:
                file.write(more)


def spool_taken_out(folder: Path) -> None:
    """The memory for legs is gone in the middle of a talk."""
    spool = folder / "spool"
    spool.mkdir()
    mount("-t", "tmpfs", "-o", "size=16m", "none", spool)
    stage = Stage(spool=cast(MemorySpool, Legs(spool)))
    stage.prepare()
    stage.grow(BLOCK * 5)
    assert stage.sealing.tick() == []
    sealed = stage.committed
    unmount(spool)
    stage.sealing.tick()
    assert [alarm.id for alarm in stage.register.alarms()] == ["audio-lost"]
    with pytest.raises(Refused) as refusal:
        stage.sealing.prepare("r234567bbbbbbbbb", "c1", "sales", POLICY, ["quality"], 8000)
    assert refusal.value.id == "spool-gone"
    assert not list(spool.iterdir())  # nothing was written to the disk beneath
    assert stage.close()
    audio, manifest = stage.opened()
    assert sealed and audio == stage.expected()[: 2 * sealed]
    assert [gap["reason"] for gap in manifest["gaps"]] == ["spool_lost"]


def in_a_namespace(what: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one of the above where mounting is our own business."""
    code = (
        f"import sys, pathlib; from tests.vault.test_disks import {what} as t; t(pathlib.Path(sys.argv[1]))"
    )
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", code, str(folder)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_spool_that_is_taken_out_is_an_alarm_and_a_gap(tmp_path: Path) -> None:
    """What was sealed before opens, what was not is told as lost, and nothing new is begun without memory."""
    done = in_a_namespace("spool_taken_out", tmp_path)

    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("what", ["full", "read_only", "taken_out"])
def test_a_disk_that_fails_loses_nothing(tmp_path: Path, what: str) -> None:
    """What cannot be sealed waits in the spool and is told; once the disk is right all of it is sealed."""
    done = in_a_namespace(what, tmp_path)

    assert done.returncode == 0, done.stderr[-3000:]
