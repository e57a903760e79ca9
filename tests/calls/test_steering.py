"""Stories of a talk that is steered: paused, stopped, agreed to after all, carried on with somebody new."""

from __future__ import annotations

import asyncio
import json

import pytest

from asterisk_gdpr.core.call.state import Result, Verb
from asterisk_gdpr.core.recording import Reason, State
from tests.calls.stage import ANNA, BEN, SECONDS, STANDINGS, Stage
from tests.calls.test_restart import capture_of
from tests.calls.test_watch import end

pytestmark = pytest.mark.looptime


async def test_an_agent_pauses_and_resumes_by_key(stage: Stage) -> None:
    """Between two `*7` of the agent there is silence in the recording, in its own length; both hear tones."""
    here, agent = await stage.talking("support")
    await asyncio.sleep(2)
    stage.asterisk.press(agent, "*7")
    await asyncio.sleep(0.1)
    assert capture_of(here) == (True, True)
    stage.asterisk.press(here, "4111111111111111#")
    await asyncio.sleep(3)
    stage.asterisk.press(agent, "*7")
    await asyncio.sleep(3)
    await end(stage, here)

    (before, after), manifest = stage.opened()
    assert (before[1], after[0]) == (pytest.approx(2.1, abs=0.2), pytest.approx(5.2, abs=0.2))
    assert manifest["gaps"] == []
    assert [change["reason"] for change in manifest["captures"][0]["changes"]][2] == "paused"
    assert agent.whispered == ["sound:signal"] * 3
    assert here.whispered == []
    told = json.dumps([manifest, stage.said()]) + stage.spool_notes()
    assert "4111" not in told and '"digit": "1"' not in told


async def test_a_pause_ends_with_the_lines_seconds(stage: Stage) -> None:
    """A pause that nobody ends is over after two minutes, and the agent hears it."""
    here, agent = await stage.talking("support")
    assert await stage.calls.command(stage.row().id, Verb.PAUSE) is Result.PAUSED
    await asyncio.sleep(119)
    assert capture_of(here) == (True, True)
    await asyncio.sleep(2)

    assert capture_of(here) == (True, False)
    assert agent.whispered == ["sound:signal"] * 3


async def test_a_pause_survives_a_kill(stage: Stage) -> None:
    """What was paused when the process was killed is paused in its next life."""
    here, _ = await stage.talking("support")
    await stage.calls.command(stage.row().id, Verb.PAUSE)
    await asyncio.sleep(1)
    stage.restart()
    await asyncio.sleep(1)
    assert capture_of(here) == (True, True)

    assert await stage.calls.command(stage.row().id, Verb.RESUME) is Result.RESUMED
    await asyncio.sleep(1)
    assert capture_of(here) == (True, False)


async def test_a_stranger_steers_nothing(stage: Stage) -> None:
    """Keys of somebody who is no agent of ours change nothing."""
    here, _ = await stage.talking("support")
    carla = stage.asterisk.agent("PJSIP/carla")
    stage.asterisk.join("bridge-1", carla)
    await asyncio.sleep(0.1)
    stage.asterisk.press(carla, "*00*7")
    await asyncio.sleep(0.5)

    assert stage.recording().state is not State.ERASED
    assert carla.whispered == []
    assert here.alive


async def test_an_agent_stops_and_destroys(stage: Stage) -> None:
    """`*00` of the agent erases the recording of a caller who asks aloud; the caller hears it confirmed."""
    here, agent = await stage.talking()
    await asyncio.sleep(2)
    stage.asterisk.press(agent, "*00")
    await asyncio.sleep(1)

    assert stage.recording().state is State.ERASED
    tombstone = stage.register.tombstone(stage.recording().id)
    assert tombstone is not None and tombstone.reason is Reason.REQUESTED
    assert here.whispered == ["sound:withdrawn"]
    assert agent.whispered == ["sound:signal"] * 3


async def test_commands_are_answered(stage: Stage) -> None:
    """Whoever asks is told what came of it, also for a call that there is not."""
    here, _ = await stage.talking()
    call, command = stage.row().id, stage.calls.command

    assert await command("c1nowhere", Verb.PAUSE) is Result.NO_SUCH_CALL
    assert await command(call, Verb.RESUME) is Result.NOT_PAUSED
    assert await command(call, Verb.WITHDRAW) is Result.WITHDRAWN
    assert await command(call, Verb.PAUSE) is Result.NOT_RECORDED
    assert stage.recording().state in (State.ERASING, State.ERASED)
    assert here.alive


async def test_who_refused_agrees_after_all(stage: Stage) -> None:
    """After `*4` the talk is recorded, with the evidence of the refusal and of the agreement."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(7)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(0.1)
    stage.watch()
    stage.asterisk.join("b", stage.asterisk.agent(ANNA), here)
    await asyncio.sleep(2)
    stage.asterisk.press(here, "*4")
    await asyncio.sleep(5)
    assert stage.said() == ["agreed"]
    assert here.whispered == ["sound:agreed"]
    await end(stage, here)

    (talk,), manifest = stage.opened()
    assert talk[1] - talk[0] == pytest.approx(5.0, abs=0.2)
    assert manifest["choice"]["outcome"] == "agreed"
    assert [key["digit"] for key in manifest["choice"]["keys"]] == ["*", "4"]


async def test_a_transfer_is_one_recording_in_two_stretches(stage: Stage) -> None:
    """With a new party the recording goes on in a fresh stretch; between the two nobody is captured."""
    stage.calls.now_in_force(stage.in_force({**STANDINGS, BEN: "consented"}))
    here, anna = await stage.talking("support")
    await asyncio.sleep(3)
    stage.asterisk.hang_up(anna)
    stage.asterisk.leave(here)
    await asyncio.sleep(2)
    stage.asterisk.join("bridge-2", stage.asterisk.agent(BEN), here)
    await asyncio.sleep(3)
    await end(stage, here)

    ((start, until),), manifest = stage.opened()
    assert until - start == pytest.approx(6.1, abs=0.3)
    assert [capture["stretch"] for capture in manifest["captures"]] == [1, 2]
    assert [(party["cleared"], party["why"]) for party in manifest["parties"]] == [(True, "consented")] * 2
    left, joined = manifest["captures"][0]["ended_at"], manifest["parties"][1]["at"]
    assert manifest["parties"][0]["at"] < left < joined < manifest["ended_at"]
    assert manifest["gaps"] == []


async def test_an_attended_transfer_costs_a_sixth_of_a_second(stage: Stage) -> None:
    """Where one agent takes over from the other at once, the new one is missed for as long as it takes."""
    stage.calls.now_in_force(stage.in_force({**STANDINGS, BEN: "consented"}))
    here, anna = await stage.talking("support")
    await asyncio.sleep(3)
    stage.asterisk.join("bridge-1", stage.asterisk.agent(BEN))
    stage.asterisk.hang_up(anna)
    await asyncio.sleep(3)
    await end(stage, here)

    spans, manifest = stage.opened()
    assert sum(end - start for start, end in spans) == pytest.approx(6.1 - 0.2, abs=0.2)
    assert len(manifest["captures"]) == 2


async def test_a_stranger_is_asked_and_then_captured(stage: Stage) -> None:
    """On a line that asks whoever joins, their key counts for them, and the manifest tells of it."""
    here, stranger = await stage.talking("asked", "PJSIP/carla")
    await asyncio.sleep(SECONDS["statement"] + 0.5)
    assert stranger.whispered == ["sound:statement", "sound:joiner_question"]
    assert capture_of(here) == (True, True)
    stage.asterisk.press(stranger, "1")
    await asyncio.sleep(2)

    assert stranger.whispered[2:] == ["sound:joiner_agreed"] and here.whispered == []
    assert capture_of(here) == (True, False)
    await end(stage, here)
    _, manifest = stage.opened()
    assert [party["why"] for party in manifest["parties"]] == ["unidentified", "agreed"]


async def test_a_stranger_is_told_and_then_captured(stage: Stage) -> None:
    """On a line that tells whoever joins, somebody unknown hears the statement, and counts once they did."""
    here, stranger = await stage.talking("told", "PJSIP/carla")
    await asyncio.sleep(SECONDS["statement"] - 1)
    assert capture_of(here) == (True, True)
    await asyncio.sleep(2)

    assert stranger.whispered == ["sound:statement"]
    assert here.whispered == []
    assert capture_of(here) == (True, False)
