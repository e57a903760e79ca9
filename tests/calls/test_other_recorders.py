"""Stories of recorders that are not ours: told to a person, loudest where the caller has refused."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.other_recorders import OtherRecorders
from tests.calls.stage import SECONDS, SILENCE, Stage

pytestmark = pytest.mark.looptime


def _start(channel: str) -> Message:
    return Message([("Event", "MixMonitorStart"), ("Uniqueid", channel)])


async def test_ours_are_told_from_others() -> None:
    """Each start that we ask for is ours once; one more, or one after a refusal, is somebody else's."""
    recorders = OtherRecorders()
    recorders.ask("c1")
    assert recorders.told(_start("c1")) is None
    assert recorders.told(_start("c1")) == ("c1", "MixMonitor")
    recorders.ask("c2")
    recorders.refused("c2")
    assert recorders.told(_start("c2")) == ("c2", "MixMonitor")
    recorders.ask("c3")
    recorders.gone("c3")
    assert recorders.told(_start("c3")) == ("c3", "MixMonitor")
    spy = Message([("Event", "ChanSpyStart"), ("SpyerUniqueid", "x"), ("SpyeeUniqueid", "c4")])
    assert recorders.told(spy) == ("c4", "ChanSpy")
    assert recorders.told(Message([("Event", "Hold"), ("Uniqueid", "c5")])) is None


async def test_another_recorder_is_an_alarm(stage: Stage) -> None:
    """Whoever records the caller, or who talks with them, is told of, once a call."""
    here, agent = await stage.talking()
    stage.calls.other_recorder(agent.id, "MixMonitor")
    stage.calls.other_recorder(here.id, "ChanSpy")
    await asyncio.sleep(0.1)

    assert [(alarm.id, alarm.about) for alarm in stage.register.alarms()] == [
        ("other-recorder", stage.row().id)
    ]


async def test_a_refused_call_that_is_recorded_is_the_loudest_alarm(stage: Stage) -> None:
    """A recorder that began before the notice is as bad as one that begins after the refusal."""
    here = stage.asterisk.arrive("sales")
    stage.calls.other_recorder(here.id, "MixMonitor")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(0.1)
    stage.asterisk.join("b", stage.asterisk.agent("PJSIP/anna"), here)
    await asyncio.sleep(0.1)

    assert set(stage.alarms()) == {"other-recorder", "recorded-despite-refusal"}


async def test_who_joins_with_a_recorder_is_told_of(stage: Stage) -> None:
    """An agent whose channel is recorded already is told of when they join a call of ours, and no other."""
    here = await stage.agreed("support")
    agent, other = stage.asterisk.agent("PJSIP/anna"), stage.asterisk.agent("PJSIP/ben")
    stage.calls.other_recorder(agent.id, "MixMonitor")
    stage.calls.other_recorder(other.id, "MixMonitor")
    await asyncio.sleep(0.1)
    assert stage.alarms() == []
    stage.asterisk.join("b", agent, here)
    await asyncio.sleep(0.1)

    assert stage.alarms() == ["other-recorder"]
    await asyncio.sleep(SECONDS["statement"] + SILENCE)
