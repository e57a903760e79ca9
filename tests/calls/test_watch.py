"""Stories of a talk that nobody watches for a while: what was captured then counts only if it is certain."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_gdpr.core.recording import Reason, State
from tests.calls.stage import Stage
from tests.calls.test_restart import capture_of
from tests.fakes.exchange import Channel

pytestmark = pytest.mark.looptime

HELD_BACK = 32_768 / 16_000
"""Seconds of a leg that a real Asterisk has not written yet: they are silenced too."""

BEAT = 1.1
"""Seconds since the last mark, at most: the fake writes its legs twice a second too."""


def stand_still(seconds: float) -> None:
    """This process is frozen: made-up time passes, and nothing that happens is read."""
    loop = asyncio.get_running_loop()
    real = loop.time
    setattr(loop, "time", lambda: real() + seconds)  # noqa: B010  mypy forbids the other


async def end(stage: Stage, here: Channel) -> None:
    """The call ends, and its recording is sealed."""
    await stage.over(here)
    assert stage.recording().state is State.SEALED


async def test_a_talk_that_is_watched_is_sealed_as_it_was(stage: Stage) -> None:
    """While everything is told in time, every second of the talk is there."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(8)
    await end(stage, here)

    spans, manifest = stage.opened()
    assert spans == [(0.0, pytest.approx(8.1, abs=0.15))]
    assert manifest["gaps"] == []


async def test_who_joins_while_ami_is_away_is_not_heard(stage: Stage) -> None:
    """What was captured while AMI was away is silence, from the last mark until it could be muted."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(4)
    stage.asterisk.lose_ami()
    carla = stage.asterisk.agent("PJSIP/carla")
    stage.asterisk.join("bridge-1", carla)
    await asyncio.sleep(3)
    stage.asterisk.leave(carla)
    stage.asterisk.reconnect()
    await asyncio.sleep(6)
    assert capture_of(here) == (True, False)
    await end(stage, here)

    (before, after), manifest = stage.opened()
    assert before[0] == 0.0
    assert 4.1 - BEAT <= before[1] <= 4.2
    assert after[0] == pytest.approx(7.1 + HELD_BACK, abs=0.15)
    (gap,) = manifest["gaps"]
    assert gap["reason"] == "unwatched"
    assert gap["frame"] / 8000 == pytest.approx(after[0], abs=0.15)


async def test_somebody_who_is_still_there_when_ami_is_back(stage: Stage) -> None:
    """Whoever joined meanwhile and is not cleared keeps the capture muted."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    stage.asterisk.lose_ami()
    stage.asterisk.join("bridge-1", stage.asterisk.agent("PJSIP/carla"))
    await asyncio.sleep(2)
    stage.asterisk.reconnect()
    await asyncio.sleep(1)

    assert capture_of(here) == (True, True)
    await end(stage, here)
    spans, _ = stage.opened()
    assert len(spans) == 1 and spans[0][1] <= 2.2


async def test_no_sound_is_sealed_that_is_in_doubt(stage: Stage) -> None:
    """However long AMI is away, what lies behind the last mark is silence, and leaves the spool as that."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    stage.asterisk.lose_ami()
    stage.asterisk.join("bridge-2", stage.asterisk.agent("PJSIP/carla"))
    for _ in range(20):
        await asyncio.sleep(1)
        stage.asterisk._write(here)
        stage.sealing.tick()
    assert stage.register.progress(stage.recording().id).consumed > 10 * 16_000
    await end(stage, here)

    ((start, until),), _ = stage.opened()
    assert start == 0.0 and until <= 2.2


async def test_a_talk_that_ends_while_ami_is_away(stage: Stage) -> None:
    """The end of a talk that only ARI told of is silence from the last mark on."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(4)
    stage.asterisk.lose_ami()
    await asyncio.sleep(2)
    stage.asterisk.hang_up(here)
    await asyncio.sleep(10)

    spans, manifest = stage.opened()
    assert len(spans) == 1 and 4.1 - BEAT <= spans[0][1] <= 4.2
    assert len(manifest["gaps"]) == 1


async def test_a_process_that_stood_still_and_missed_nothing(stage: Stage) -> None:
    """A stall in which nothing happened to the call costs nothing."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    stand_still(5)
    await asyncio.sleep(3)
    await end(stage, here)

    spans, manifest = stage.opened()
    assert spans == [(0.0, pytest.approx(10.1, abs=0.2))]
    assert manifest["gaps"] == []


async def test_who_joins_while_the_process_stands_still_is_not_heard(stage: Stage) -> None:
    """What was told too late makes silence of what was captured until it was heeded."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    stand_still(5)
    stage.asterisk.join("bridge-1", stage.asterisk.agent("PJSIP/carla"))
    await asyncio.sleep(3)
    assert capture_of(here) == (True, True)
    await end(stage, here)

    spans, manifest = stage.opened()
    assert len(spans) == 1 and 2.1 - BEAT <= spans[0][1] <= 2.2
    assert [gap["reason"] for gap in manifest["gaps"]] == ["unwatched"]


async def test_a_process_that_stood_still_and_missed_a_hold(stage: Stage) -> None:
    """A hold that came and went while the process stood still is not in the recording."""
    here, agent = await stage.talking("support")
    await asyncio.sleep(2)
    stand_still(5)
    stage.asterisk.hold(agent, True)
    stage.asterisk.hold(agent, False)
    await asyncio.sleep(5)
    await end(stage, here)

    (before, after), _ = stage.opened()
    assert before[1] <= 2.2
    assert after[0] >= 7.0


async def test_killed_in_the_talk_what_nobody_watched_is_silence(stage: Stage) -> None:
    """After a kill the sound up to the last mark is there, and nothing of what came until the next life."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(4)
    assert stage.watching is not None
    stage.watching.cancel()
    await asyncio.sleep(3)  # killed
    stage.restart()
    await asyncio.sleep(5)
    await end(stage, here)

    (before, after), manifest = stage.opened()
    assert 4.1 - BEAT <= before[1] <= 4.2
    assert after[0] == pytest.approx(7.1, abs=0.3)  # another stretch, of which nothing is held back
    assert len(manifest["gaps"]) == 1


async def test_a_talk_that_ended_while_nobody_was_there_was_talked(stage: Stage) -> None:
    """A call that talked and ended during the absence of the process is not called unanswered."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(4)
    stage.asterisk.ari_away = stage.asterisk.ami_away = True
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    stage.asterisk.hang_up(here)
    stage.restart()
    await asyncio.sleep(2)

    assert stage.row().ending == "ended_after_talk"
    spans, _ = stage.opened()
    assert spans and spans[0][1] <= 4.2


async def test_a_call_without_a_recording_that_ended_unseen(stage: Stage) -> None:
    """Of a call that refused and ended during the absence nobody knows whether it was answered."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(1)
    stage.asterisk.ari_away = stage.asterisk.ami_away = True
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    stage.asterisk.hang_up(here)
    stage.restart()
    await asyncio.sleep(2)

    assert stage.row().ending == "ended_unwatched"


async def test_a_withdrawal_that_only_the_notes_know_survives_a_kill(stage: Stage) -> None:
    """A `*9` that the register could not take is carried out by the next life of the process."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    stage.register.away = True
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(0.2)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0.1)
    stage.register.away = False
    stage.restart()
    await asyncio.sleep(1)

    assert stage.recording().state is State.ERASED
    tombstone = stage.register.tombstone(stage.recording().id)
    assert tombstone is not None and tombstone.reason is Reason.WITHDRAWN
    assert capture_of(here)[0] is False
