"""Stories of recorders that are not ours: told of, kept with their file, stopped as the line says."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_gdpr.ports import By, Recorder
from tests.calls.stage import SECONDS, SILENCE, Stage

pytestmark = pytest.mark.looptime

FILE = "/var/spool/monitor/out-+4915112345678"


def _told(stage: Stage) -> list[str]:
    return [entry.kind for entry in stage.register.entries() if entry.kind.startswith("other-recorder")]


async def test_another_recorder_is_an_alarm(stage: Stage) -> None:
    """Whoever records the caller, or who talks with them, is told of once a call, and each is kept."""
    here, agent = await stage.talking()
    stage.asterisk.record(Recorder(agent.id, By.MIXMONITOR, "0x1", FILE), Recorder(here.id, By.CHANSPY, "s"))
    await asyncio.sleep(0.1)

    call = stage.row().id
    assert [(alarm.id, alarm.about) for alarm in stage.register.alarms()] == [("other-recorder", call)]
    assert {row.by for row in stage.register.recorders_of(call)} == {"MixMonitor", "ChanSpy"}
    assert stage.asterisk.asked_to_stop == []


async def test_where_another_recorder_writes_to_is_sealed(stage: Stage) -> None:
    """A file's name may hold a number: nothing of it is in the register, in an alarm or in the ledger."""
    here, _ = await stage.talking()
    stage.asterisk.record(Recorder(here.id, By.MIXMONITOR, "0x1", FILE))
    await asyncio.sleep(0.1)
    (row,) = stage.register.recorders_of(stage.row().id)

    assert row.sealed is not None and row.epoch
    assert stage.opened_file(row) == FILE
    said = [f"{entry.payload}" for entry in stage.register.entries()]
    said += [alarm.message for alarm in stage.register.alarms()]
    assert not [text for text in said if "4915112345678" in text]


async def test_a_refused_call_that_is_recorded_is_the_loudest_alarm(stage: Stage) -> None:
    """A recorder that began before the notice is as bad as one that begins after the refusal."""
    stage.watch()
    here = stage.asterisk.arrive("sales")
    stage.asterisk.record(Recorder(here.id, By.MIXMONITOR, "0x1"))
    await asyncio.sleep(1)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(0.1)
    stage.asterisk.join("b", stage.asterisk.agent("PJSIP/anna"), here)
    await asyncio.sleep(0.1)

    assert set(stage.alarms()) == {"other-recorder", "recorded-despite-refusal"}


async def test_a_withdrawal_makes_another_recorder_the_loudest_alarm(stage: Stage) -> None:
    """Who withdraws while somebody else records is told of as loudly, within two seconds."""
    here, _ = await stage.talking()
    stage.asterisk.record(Recorder(here.id, By.MIXMONITOR, "0x1"))
    await asyncio.sleep(1)
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(2)

    assert "recorded-despite-refusal" in stage.alarms()


async def test_who_joins_with_a_recorder_is_told_of(stage: Stage) -> None:
    """An agent whose channel is recorded already is told of when they join a call of ours, and no other."""
    here = await stage.agreed("support")
    agent, other = stage.asterisk.agent("PJSIP/anna"), stage.asterisk.agent("PJSIP/ben")
    stage.asterisk.record(Recorder(agent.id, By.MIXMONITOR, "0x1"), Recorder(other.id, By.MIXMONITOR, "0x2"))
    await asyncio.sleep(1.1)
    assert stage.alarms() == []
    stage.asterisk.join("b", agent, here)
    await asyncio.sleep(0.1)

    assert stage.alarms() == ["other-recorder"]
    await asyncio.sleep(SECONDS["statement"] + SILENCE)


async def test_a_recorded_conference_is_told_of(stage: Stage) -> None:
    """What records a bridge records everybody in it."""
    here = await stage.agreed("support")
    stage.asterisk.join("b", stage.asterisk.agent("PJSIP/anna"), here)
    stage.asterisk.record(Recorder("b", By.CONFBRIDGE, "room"), Recorder("other", By.CONFBRIDGE, "room2"))
    await asyncio.sleep(2)

    assert stage.alarms() == ["other-recorder"]
    assert [row.by for row in stage.register.recorders_of(stage.row().id)] == ["ConfBridge"]


async def test_a_line_stops_another_recorder_of_a_refused_call(stage: Stage) -> None:
    """`stop_refused` leaves one alone until the caller has refused; then it goes, and the ledger has it."""
    stage.watch()
    here = stage.asterisk.arrive("guarded")
    other = Recorder(here.id, By.MIXMONITOR, "0x1", FILE)
    stage.asterisk.record(other)
    await asyncio.sleep(1)
    assert stage.asterisk.asked_to_stop == []
    stage.asterisk.press(here, "2")
    await asyncio.sleep(2)

    assert stage.asterisk.asked_to_stop == [other]
    assert _told(stage) == ["other-recorder-seen", "other-recorder-stopping", "other-recorder-stopped"]
    assert stage.register.recorders_of(stage.row().id)[0].stopped_at is not None
    assert "other-recorder-runs-on" not in stage.alarms()


async def test_a_line_stops_any_other_recorder(stage: Stage) -> None:
    """`stop` stops each that begins; what was told of stays told."""
    here, _ = await stage.talking("alone")
    first, second = Recorder(here.id, By.MIXMONITOR, "0x1"), Recorder(here.id, By.CHANSPY, "s")
    stage.asterisk.record(first)
    await asyncio.sleep(1)
    stage.asterisk.record(second)
    await asyncio.sleep(1)

    assert stage.asterisk.asked_to_stop == [first, second]
    assert "other-recorder" in stage.alarms()


async def test_what_cannot_be_stopped_is_an_alarm_and_is_tried_again(stage: Stage) -> None:
    """Stopped is only what was seen to be gone; else a person is told, and it is tried while it runs."""
    here, _ = await stage.talking("alone")
    other = Recorder(here.id, By.MIXMONITOR, "0x1")
    stage.asterisk.unstoppable.add(other)
    stage.asterisk.record(other)
    await asyncio.sleep(3)

    assert "other-recorder-runs-on" in stage.alarms()
    assert len(stage.asterisk.asked_to_stop) > 1
    assert stage.register.recorders_of(stage.row().id)[0].stopped_at is None
    stage.asterisk.unstoppable.clear()
    await asyncio.sleep(3)
    assert stage.register.recorders_of(stage.row().id)[0].stopped_at is not None


async def test_whoever_ends_our_capture_is_told_of(stage: Stage) -> None:
    """A capture that somebody else has ended is over, with an alarm; the call goes on."""
    here, _ = await stage.talking()
    stage.calls.capture_ended(here.id)
    await asyncio.sleep(0.1)

    assert stage.alarms() == ["capture-lost"]
    assert here.alive
