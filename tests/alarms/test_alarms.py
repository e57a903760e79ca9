"""Alarms of a process: raised without a flood, ended without a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asterisk_gdpr.ports import Alarm
from asterisk_gdpr.service.alarms import ANEW, Alarms
from tests.fakes.register import MemoryRegister

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@dataclass
class HandClock:
    time: datetime = NOON

    def now(self) -> datetime:
        return self.time


class CountingRegister(MemoryRegister):
    """Counts what it is asked to write."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def raise_alarm(self, alarm: Alarm) -> None:
        self.written += 1
        super().raise_alarm(alarm)

    def clear_alarm(self, *arguments: Any) -> None:
        self.written += 1
        super().clear_alarm(*arguments)


def test_a_thousand_calls_write_an_alarm_once() -> None:
    """What is raised again and again is written once in a few seconds, and ended once."""
    register, clock = CountingRegister(), HandClock()
    alarms = Alarms(register, clock)
    for _ in range(1000):
        alarms.raise_("taken-back", "sales", "...")
        alarms.over("capture-failed", "sales")
    assert register.written == 1
    clock.time += ANEW
    alarms.raise_("taken-back", "sales", "...")
    for _ in range(10):
        alarms.over("taken-back", "sales")

    assert register.written == 3
    assert register.alarms() == []


def test_what_an_earlier_life_raised_is_ended_too() -> None:
    """An alarm that stood at the start ends like one of this life."""
    register = MemoryRegister()
    register.raise_alarm(Alarm("notice-failed", "sales", NOON - timedelta(days=1), "..."))
    alarms = Alarms(register, HandClock())
    assert alarms.about("notice-failed") == {"sales"}
    alarms.over("notice-failed", "support")
    alarms.over("notice-failed", "sales")

    assert register.alarms() == []


def test_what_was_acknowledged_and_happens_again_stands_again() -> None:
    """A person's word ends what was, and not what comes after it."""
    register, clock = MemoryRegister(), HandClock()
    alarms = Alarms(register, clock)
    alarms.raise_("capture-lost", "sales", "...")
    register.clear_alarm("capture-lost", "sales", NOON)
    clock.time += ANEW
    alarms.raise_("capture-lost", "sales", "...")

    assert [alarm.since for alarm in register.alarms()] == [NOON + ANEW]


def test_a_register_that_is_away_is_asked_again() -> None:
    """What stands is learnt as soon as the register answers."""
    register = MemoryRegister()
    register.raise_alarm(Alarm("notice-failed", "sales", NOON, "..."))
    register.away = True
    alarms = Alarms(register, HandClock())
    alarms.over("notice-failed", "sales")
    register.away = False
    alarms.over("notice-failed", "sales")

    assert register.alarms() == []
