"""Stories of the talk: who is in it decides, at every moment, whether anything is captured."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from asterisk_gdpr.core.policy import AgentRules
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import Agent
from asterisk_gdpr.service.call.in_force import InForce
from tests.calls.stage import ANNA, BEN, POLICY, STANDINGS, Stage
from tests.fakes.exchange import LOUD, Channel

pytestmark = pytest.mark.looptime


def muted(here: Channel) -> bool:
    """Whether nothing of the caller is captured: muted, or stopped for a moment."""
    running = [capture for capture in here.captures.values() if capture.running]
    assert len(running) <= 1
    return all(capture.muted for capture in running)


ANEW = 0.15
"""Seconds in which a capture has been started anew for a new party."""


async def test_an_agent_who_is_not_cleared(stage: Stage) -> None:
    """With somebody who has not consented nothing is captured; the recording holds silence, and says why."""
    here, _ = await stage.talking("support", BEN)
    await asyncio.sleep(2)

    assert muted(here)
    assert LOUD not in stage.legs()
    await stage.over(here)
    assert stage.recording().state is State.SEALED


async def test_an_agent_who_consents_in_the_talk(stage: Stage) -> None:
    """A consent that is given while the agent talks counts from then on, and so does its withdrawal."""
    here, _ = await stage.talking("support", BEN)
    stage.calls.now_in_force(InForce(POLICY, standings={**STANDINGS, BEN: "consented"}))
    await asyncio.sleep(1)
    assert not muted(here)

    stage.calls.now_in_force(InForce(POLICY, standings={**STANDINGS, BEN: "withdrawn"}))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert muted(here)


async def test_by_which_queue_they_came_is_asked_when_somebody_is_there(stage: Stage) -> None:
    """The queue that the caller stands in is kept once, the next one beside it; no other application is."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(0.1)
    call = stage.recording().call
    assert stage.register.queues_of(call) == []
    for data in ("first,,,,20", "first,,,,20", "second"):
        here.variables |= {"CHANNEL(appname)": "Queue", "CHANNEL(appdata)": data}
        carla = stage.asterisk.agent("PJSIP/carla")
        stage.asterisk.join("bridge-1", carla)
        await asyncio.sleep(0.1)
        stage.asterisk.leave(carla)
        await asyncio.sleep(0.1)
    assert stage.register.queues_of(call) == ["first", "second"]


async def test_somebody_joins_and_leaves(stage: Stage) -> None:
    """Capture is muted for as long as a third party without clearance is there."""
    here, _ = await stage.talking("support")
    carla = stage.asterisk.agent("PJSIP/carla")
    stage.asterisk.join("bridge-1", carla)
    await asyncio.sleep(0.01)
    assert muted(here)
    stage.asterisk.leave(carla)
    await asyncio.sleep(ANEW)
    assert not muted(here)


async def test_a_transfer_to_an_agent_without_consent(stage: Stage) -> None:
    """After a transfer the new agent's clearance counts, and between the two nobody is captured."""
    here, anna = await stage.talking("support")
    stage.asterisk.leave(anna)
    await asyncio.sleep(0.01)
    assert muted(here)
    stage.asterisk.leave(here)
    stage.asterisk.join("bridge-2", stage.asterisk.agent(BEN), here)
    await asyncio.sleep(0.01)
    assert muted(here)


async def test_hold(stage: Stage) -> None:
    """While anybody in the call is on hold nothing is captured."""
    here, agent = await stage.talking("support")
    for one in (agent, here):
        stage.asterisk.hold(one, True)
        await asyncio.sleep(0.01)
        assert muted(here)
        stage.asterisk.hold(one, False)
        await asyncio.sleep(0.01)
        assert not muted(here)


async def test_an_agent_behind_local_channels(stage: Stage) -> None:
    """The person at the far end of a Local chain counts, and the chain's own channels do not."""
    here = await stage.agreed("support")
    near, far = stage.asterisk.agent("Local/ben@agents"), stage.asterisk.agent("Local/ben@agents")
    near.name, far.name = "Local/ben@agents-00000001;1", "Local/ben@agents-00000001;2"
    stage.asterisk.join("b1", near, here)
    stage.asterisk.join("b2", far)
    await asyncio.sleep(0.01)
    assert muted(here)
    ben = stage.asterisk.agent(BEN)
    stage.asterisk.join("b2", ben)
    await asyncio.sleep(0.01)
    assert muted(here)
    stage.asterisk.leave(ben)
    stage.asterisk.join("b2", stage.asterisk.agent(ANNA))
    await asyncio.sleep(ANEW)
    assert not muted(here)


async def test_calls_do_not_mix(stage: Stage) -> None:
    """What happens in one call never opens the capture of another."""
    first = await stage.agreed("support")
    second = await stage.agreed("support")
    stage.asterisk.join("b1", stage.asterisk.agent(ANNA), first)
    stage.asterisk.join("b2", stage.asterisk.agent(BEN), second)
    await asyncio.sleep(0.01)

    assert (muted(first), muted(second)) == (False, True)


async def test_an_erasure_from_outside(stage: Stage) -> None:
    """A recording that is erased while it grows is captured no further, and the call goes on."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    stage.calls.erasure_ordered(stage.recording().id)
    await asyncio.sleep(0.1)

    (capture,) = here.captures.values()
    assert not capture.running and here.alive


async def test_a_line_that_is_switched_off(stage: Stage) -> None:
    """Switching a line off reaches the next call, and leaves those that were asked as they are."""
    here, _ = await stage.talking("support")
    stage.calls.now_in_force(replace(stage.calls.in_force, off=frozenset({"*"})))
    following = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)

    assert not following.in_stasis and not following.up
    assert not muted(here)


@pytest.mark.parametrize("agreement", ["", "BV-2026-04"])
async def test_who_took_part_is_kept_under_an_agreement_alone(stage: Stage, agreement: str) -> None:
    """Which agents took part is kept, by our id, where the policy names the staff agreement, and else not."""
    at = stage.clock.now()
    for id, endpoint in (("a1", ANNA), ("a2", BEN)):
        stage.register.put_agent(Agent(id, endpoint, STANDINGS[endpoint], "v1", at))
    policy = replace(POLICY, agents=AgentRules(agreement=agreement))
    stage.calls.now_in_force(InForce(policy, standings=STANDINGS))
    here, _ = await stage.talking("support")
    stage.asterisk.join("bridge-1", stage.asterisk.agent(BEN))
    await asyncio.sleep(2)
    await stage.over(here)

    recording = stage.recording().id
    assert stage.register.recordings_of_agent("a1") == ([recording] if agreement else [])
    assert stage.register.recordings_of_agent("a2") == []


async def test_who_is_in_a_call_is_known_while_it_goes_on(stage: Stage) -> None:
    """The registered endpoints of a call, for who takes it; nobody else, and not afterwards."""
    here, _ = await stage.talking("support", BEN)
    stranger = stage.asterisk.agent("PJSIP/carla")
    stage.asterisk.join("bridge-1", stranger)
    await asyncio.sleep(0.01)

    assert list(stage.calls.with_whom().values()) == [frozenset({BEN})]
    await stage.over(here)
    assert stage.calls.with_whom() == {}
