"""What the spool on a tmpfs does beyond its contract: modes, groups, memory given back."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.errors import Refused, Unreachable

NAME = "r234567abcdefghij"
BLOCK = 32_000
"""Bytes that are given back at a time: no multiple of a page, as in life."""


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder on a tmpfs."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def narrow_umask() -> Iterator[None]:
    """A umask that would keep everyone else out."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def _blocks(*files: str) -> int:
    return sum(Path(file).stat().st_blocks for file in files)


def test_modes_and_group(memory: Path, narrow_umask: None) -> None:
    """Legs are 0660 and bear Asterisk's group, whatever the umask; notes are for us alone."""
    group = 4242 if os.geteuid() == 0 else os.getegid()
    legs = FileSpool(memory, group).prepare(NAME, 1, 8000)
    FileSpool(memory, group).keep_notes(NAME, b"{}")

    for leg in (legs.left, legs.right):
        found = Path(leg).stat()
        assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, group)
    assert stat.S_IMODE((memory / f"{NAME}.notes.json").stat().st_mode) == 0o600


def test_names_hold_nothing_but_ids(memory: Path) -> None:
    """A leg's name is its recording, its stretch and its side."""
    FileSpool(memory).prepare(NAME, 1, 8000)

    assert sorted(path.name for path in memory.iterdir()) == [f"{NAME}.1.left.sln", f"{NAME}.1.right.sln"]


def test_memory_does_not_grow_with_the_call(memory: Path) -> None:
    """However long a call lasts, its legs take no more memory than what is not sealed yet."""
    spool = FileSpool(memory)
    legs = spool.prepare(NAME, 1, 8000)
    with Path(legs.left).open("ab") as left, Path(legs.right).open("ab") as right:
        for block in range(1, 65):
            for leg in (left, right):
                leg.write(b"\x55" * BLOCK)
                leg.flush()
            spool.release(legs, block * BLOCK)
            assert _blocks(legs.left, legs.right) <= 2 * 8

    assert spool.length(legs) == 64 * BLOCK


def test_asterisk_goes_on_where_it_was(memory: Path) -> None:
    """A release moves nobody's place in the file: what is written next stands where it belongs."""
    spool = FileSpool(memory)
    legs = spool.prepare(NAME, 1, 8000)
    with Path(legs.left).open("wb") as left, Path(legs.right).open("wb") as right:
        for leg in (left, right):
            leg.write(b"a" * 8192)
            leg.flush()
        spool.release(legs, 8192)
        for leg in (left, right):
            leg.write(b"next")
            leg.flush()

    assert spool.read(legs, 8192, 100) == (b"next", b"next")


def test_removal_gives_back_what_is_still_open(memory: Path) -> None:
    """Audio that Asterisk still has open is gone from memory as soon as it is removed."""
    spool = FileSpool(memory)
    legs = spool.prepare(NAME, 1, 8000)
    with Path(legs.left).open("wb") as left:
        left.write(b"voice" * 10_000)
        left.flush()
        spool.remove(NAME)
        assert os.fstat(left.fileno()).st_blocks == 0


def test_links_are_not_followed(memory: Path) -> None:
    """A link in a leg's place leads nowhere."""
    spool = FileSpool(memory)
    legs = spool.prepare(NAME, 1, 8000)
    secret = memory / "elsewhere"
    secret.write_bytes(b"secret")
    Path(legs.left).unlink()
    Path(legs.left).symlink_to(secret)

    with pytest.raises(Unreachable):
        spool.read(legs, 0, 6)


def test_other_files_are_left_alone(memory: Path) -> None:
    """What is not ours in the folder is neither listed nor removed."""
    stranger = memory / f"{NAME}.wav"
    stranger.write_bytes(b"x")
    spool = FileSpool(memory)
    spool.remove(NAME)

    assert list(spool.recordings()) == []
    assert stranger.exists()


def test_a_spool_that_is_gone(memory: Path) -> None:
    """A spool whose folder is gone refuses to begin anything, and never looks empty."""
    spool = FileSpool(memory / "gone")

    for act in (lambda: spool.prepare(NAME, 1, 8000), spool.recordings, spool.room, lambda: spool.find(NAME)):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.id == "spool-gone"


def test_a_leg_that_somebody_has_open_is_not_whole(memory: Path) -> None:
    """For as long as any process may write to one of the legs, they are not whole."""
    spool = FileSpool(memory)
    legs = spool.prepare(NAME, 1, 8000)
    words = "import sys; file = open(sys.argv[1], 'ab'); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", words, legs.right]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert not spool.is_whole(legs)
        writer.communicate()

    assert spool.is_whole(legs)
    assert spool.read(legs, 0, 1) == (b"", b"")
