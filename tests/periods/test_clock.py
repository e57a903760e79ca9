"""A clock that jumps is noticed, and nothing is erased by it until a person has looked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from asterisk_gdpr.core.clock_watch import OFF, SLACK, Seen, jumped
from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.erasing.clock_watch import ClockWatch
from tests.erasure.stage import HandClock, House
from tests.fakes.register import MemoryRegister
from tests.register.samples import day, noon, term


@dataclass
class Machine:
    """Plays `ports.Clock` and `ports.Uptime`: time passes on both, and only one of them can be set."""

    clock: HandClock = field(default_factory=HandClock)
    started: int = 1
    up: float = 100.0

    def boot(self) -> str:
        return f"boot{self.started}"

    def seconds(self) -> float:
        return self.up

    def runs(self, time: timedelta) -> None:
        self.clock.time += time
        self.up += time.total_seconds()

    def is_off(self, time: timedelta) -> None:
        self.clock.time += time
        self.started += 1
        self.up = 5.0


@pytest.mark.parametrize("by", [timedelta(days=-1), timedelta(days=3650), timedelta(minutes=-30)])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_jump_is_noticed_until_a_person_confirms(by: timedelta, restarted: bool) -> None:
    """A clock that goes a day back or ten years forward is doubted until a person confirms it."""
    register, machine = MemoryRegister(), Machine()
    watch = ClockWatch(register, machine.clock, machine, "node1")
    assert watch.believed()
    machine.runs(timedelta(days=400))
    assert watch.believed()

    machine.clock.time += by
    if restarted:
        machine.started += 1
    for _ in range(2):
        assert not ClockWatch(register, machine.clock, machine, "node1").believed()
    assert [(alarm.id, alarm.about) for alarm in register.alarms()] == [("clock-jumped", "node1")]
    machine.clock.time -= by
    assert not watch.believed()
    with pytest.raises(Refused):
        watch.require()

    watch.confirm("cli:anna")
    assert watch.believed()
    assert register.alarms() == []
    kinds = [entry.kind for entry in register.entries()]
    assert [kind for kind in kinds if kind.startswith("clock-")] == [
        "clock-doubted",
        "clock-believed",
        "clock-confirmed",
    ]


def test_a_look_is_not_written_at_every_call() -> None:
    """Looks within seconds of each other write nothing, and notice a jump all the same."""
    register, machine = MemoryRegister(), Machine()
    watch = ClockWatch(register, machine.clock, machine, "node1")
    watch.believed()
    seen = register.watched("node1")
    machine.runs(timedelta(seconds=10))
    assert watch.believed() and register.watched("node1") == seen
    machine.runs(timedelta(seconds=30))
    assert watch.believed() and register.watched("node1") != seen
    machine.runs(timedelta(seconds=10))
    machine.clock.time += timedelta(days=1)
    assert not watch.believed()


def test_a_machine_that_was_off_for_long_asks() -> None:
    """A machine that was off for a night is believed; one that seems to have been off for months is not."""
    register, machine = MemoryRegister(), Machine()
    watch = ClockWatch(register, machine.clock, machine, "node1")
    watch.believed()
    machine.is_off(timedelta(hours=9))
    assert watch.believed()
    machine.is_off(timedelta(days=90))
    assert not watch.believed()


@given(
    some.timedeltas(timedelta(), timedelta(days=9000)), some.timedeltas(-3 * day, 3 * day), some.booleans()
)
def test_what_is_told_is_how_far_it_went_wrong(passed: timedelta, wrong: timedelta, rebooted: bool) -> None:
    """While the machine is up every error beyond the slack is told as large as it is, and no smaller one."""
    before = Seen(noon, "boot1", 100.0)
    if noon + passed + wrong < noon - 4000 * day:
        return
    now = Seen(noon + passed + wrong, "boot1", 100.0 + passed.total_seconds())
    told = jumped(before, now)
    if abs(abs(wrong) - SLACK) > timedelta(milliseconds=1):
        assert (told is None) == (abs(wrong) < SLACK)
    assert told is None or abs(told - wrong) < timedelta(milliseconds=1)
    elsewhere = jumped(before, Seen(now.at, "boot2", 1.0))
    assert (elsewhere is None) == (-SLACK <= passed + wrong <= OFF)


def test_a_doubted_clock_erases_nothing_by_date(tmp_path: Path) -> None:
    """While the clock is doubted no period ends and no grace; what a person orders goes at once."""
    house = House(tmp_path)
    due, grace, now = house.sealed("1"), house.running("2"), house.sealed("3", term("r3", days=9000))
    house.erasure().withdraw(grace, ["quality"], Reason.WITHDRAWN, timedelta(days=2))
    house.pass_time(4000)
    believed = False

    erasure = house.erasure(believed=lambda: believed)
    erasure.tick()
    erasure.reconcile()
    assert house.register.recording(due).state is State.SEALED
    assert house.register.keys(grace) != []
    erasure.erase(now, Reason.REQUESTED)
    house.assert_erased(now)

    believed = True
    erasure.tick()
    house.assert_erased(due)
    house.assert_erased(grace)


def test_another_nodes_container_is_not_called_gone(tmp_path: Path) -> None:
    """A node carries out what it reaches: that its own vault lacks a container proves nothing."""
    house = House(tmp_path)
    made = house.sealed("1")
    house.vault.delete(made)
    house.pass_time(100)

    house.erasure(node="node2").tick()
    assert house.register.recording(made).state is State.ERASING
    assert house.register.keys(made) != []
    house.vault.append(made, 0, b"sealed audio")
    house.erasure(node="node2").tick()
    house.assert_erased(made)
