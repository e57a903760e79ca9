"""Alarms that only a real Asterisk can bring about."""

from __future__ import annotations

import time

import pytest

from tests.live.house import House, within

pytestmark = pytest.mark.live


def _standing(house: House) -> list[str]:
    return [alarm.id for alarm in house.register.alarms()]


def test_a_capture_that_writes_nothing_is_an_alarm(house: House) -> None:
    """A MixMonitor that runs for Asterisk and writes no more is seen in `status` within five seconds."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    call = house.phones.call("support", number="+4915112345201", script="tone 400; wait 16; hangup")
    anna.wait_call(20, count=1).wait_answered()
    time.sleep(3)
    for leg in [each for each in house.spool_folder.rglob("*") if each.is_file() and each.stat().st_size]:
        # Asterisk goes on writing into the file that it has open, and nothing of it is where it should be.
        written = leg.read_bytes()
        leg.rename(house.spool_folder / f"{leg.name}.aside")
        leg.write_bytes(written)
    stopped = time.monotonic()
    within(lambda: "capture-writes-nothing" in _standing(house) or None, 8)

    assert time.monotonic() - stopped < 5 + 2.1  # Asterisk writes what it has kept for two seconds first
    assert house.run_command("status").returncode == 1
    assert "capture-writes-nothing" in house.command("alarms", "list")
    call.hangup()
    call.wait_ended()
    house.wait_sealed(house.last_call())
    within(lambda: None if _standing(house) else True, 5)
