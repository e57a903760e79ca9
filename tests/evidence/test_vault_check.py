"""`vault verify`: everything is looked at once, at its rate, and what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.service.proof.vault_check import Looked, VaultCheck, Wrong
from tests.playback.world import World


@pytest.fixture
def world() -> World:
    """Three sealed recordings that nobody has looked at."""
    made = World()
    for id in ("aaaa0001", "bbbb0002", "cccc0003"):
        made.seal(id)
    return made


def check(world: World, folder: Path, slept: list[float] | None = None, rate: float = 1e6) -> VaultCheck:
    """A walk; containers of these worlds are stumps, which the register vouches for."""
    sleep = (lambda _: None) if slept is None else slept.append
    return VaultCheck(
        world.register, world.vault, [], world.clock, folder / "position", bytes_a_second=rate, sleep=sleep
    )


def faults(looked: list[Looked]) -> dict[str, Wrong]:
    """What is wrong, by recording."""
    return {each.fault.recording: each.fault.wrong for each in looked if each.fault}


def test_missing_orphaned_and_unregistered_are_told_apart(world: World, tmp_path: Path) -> None:
    """A container that is gone, one that should be gone, and one that nobody knows are each named."""
    now = world.clock.now()
    world.vault.append("rzzzz9999", 0, b"whatever this is")
    kept = world.vault.held["rbbbb0002"]
    world.register.add_tombstone(Tombstone("rbbbb0002", Reason.TEST, now, now))
    world.register.destroy_keys("rbbbb0002", now)
    world.register.finish_erasure("rbbbb0002", now, b"certificate")
    del world.vault.held["raaaa0001"]
    assert kept == world.vault.held["rbbbb0002"]

    found = faults(list(check(world, tmp_path).walk()))

    assert found["raaaa0001"] is Wrong.MISSING
    assert found["rbbbb0002"] is Wrong.ORPHANED
    assert found["rzzzz9999"] is Wrong.UNREGISTERED
    alarms = {alarm.about for alarm in world.register.alarms() if alarm.id == "recording-damaged"}
    assert "raaaa0001" in alarms and "rzzzz9999" not in alarms


def test_one_changed_byte_is_damage(world: World, tmp_path: Path) -> None:
    """A container with one other byte is named as damaged, with the reason, and changes nothing."""
    data = bytearray(world.vault.held["rcccc0003"])
    data[len(data) // 2] ^= 1
    world.vault.held["rcccc0003"] = bytes(data)
    looked = list(check(world, tmp_path).walk())

    (fault,) = [each.fault for each in looked if each.recording == "rcccc0003" and each.fault]
    assert fault.wrong is Wrong.DAMAGED and fault.reason
    assert world.vault.held["rcccc0003"] == bytes(data)


def test_an_interrupted_walk_goes_on_where_it_was(world: World, tmp_path: Path) -> None:
    """Each container is looked at once, also when the walk is killed in between; the next one is whole."""
    first = check(world, tmp_path).walk()
    assert [next(first).recording, next(first).recording] == ["raaaa0001", "rbbbb0002"]
    first.close()

    rest = [each.recording for each in check(world, tmp_path).walk() if each.size]
    assert rest == ["rbbbb0002", "rcccc0003"]
    assert len([each for each in check(world, tmp_path).walk() if each.size]) == 3
    assert len([each for each in check(world, tmp_path).walk(anew=True) if each.size]) == 3


def test_the_rate_is_bounded(world: World, tmp_path: Path) -> None:
    """After each container it rests for as long as its bytes may take."""
    slept: list[float] = []
    looked = list(check(world, tmp_path, slept, rate=1000.0).walk())

    assert slept == [each.size / 1000.0 for each in looked if each.size]


def test_a_vault_that_is_away_is_not_a_vault_that_is_empty(world: World, tmp_path: Path) -> None:
    """With the disk out, nothing is called missing."""
    world.vault.away = True
    with pytest.raises(Unreachable):
        list(check(world, tmp_path).walk())
    assert world.register.alarms() == []
