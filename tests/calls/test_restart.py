"""Stories of a process that ends, in good order or killed, and of its next life."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_gdpr.core.recording import Reason, State
from tests.calls.stage import NODE, SECONDS, SILENCE, STANDINGS, Stage
from tests.calls.test_choice import nothing_is_kept, told
from tests.fakes.exchange import LOUD, Channel

pytestmark = pytest.mark.looptime

NOTICE = SECONDS["statement"] + SECONDS["question-1"]


def capture_of(here: Channel) -> tuple[bool, bool]:
    """Whether the caller's newest capture runs, and whether it is muted; those before it run no more."""
    *before, capture = here.captures.values()
    assert not any(one.running for one in before)
    return capture.running, capture.muted


# --- in good order


@pytest.mark.parametrize("after", [0.5, SECONDS["statement"] + 1, NOTICE + 1])
async def test_an_orderly_stop_in_the_notice(stage: Stage, after: float) -> None:
    """Whoever is in the notice is passed on at once, unrecorded, when the process stops."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(after)
    begun = stage.clock.now()
    await stage.calls.finish()

    assert not here.in_stasis
    assert told(here) == ("unavailable", "off")
    assert (stage.clock.now() - begun).total_seconds() < 0.5
    assert nothing_is_kept(stage)


async def test_an_orderly_stop_while_confirming(stage: Stage) -> None:
    """What was prepared for a call that has not been passed on is erased on the way out."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(NOTICE + 1)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(0.5)
    await stage.calls.finish()

    assert told(here) == ("unavailable", "off")
    assert capture_of(here)[0] is False
    assert stage.recording().state is State.ERASED


async def test_an_orderly_stop_in_the_talk(stage: Stage) -> None:
    """An open capture is muted on the way out, the call goes on, and the next life opens it again."""
    here, _ = await stage.talking("support")
    await stage.calls.finish()
    assert capture_of(here) == (True, True)
    stage.restart()
    await asyncio.sleep(0.3)

    assert capture_of(here) == (True, False)
    await asyncio.sleep(1)
    await stage.over(here)
    assert stage.recording().state is State.SEALED
    assert nothing_is_kept(stage)


async def test_an_orderly_stop_does_not_wait_for_a_register(stage: Stage) -> None:
    """A stop takes two seconds at most, whatever is away."""
    here, _ = await stage.talking("support")
    stage.register.away = True
    stage.asterisk.hang_up(here)
    await asyncio.sleep(0.1)
    begun = stage.clock.now()
    await stage.calls.finish()

    assert (stage.clock.now() - begun).total_seconds() <= 2.1


async def test_calls_that_arrive_during_a_stop(stage: Stage) -> None:
    """Who arrives while the process leaves is passed on without a word."""
    stage.register.away = True
    first = stage.asterisk.arrive("support")
    await asyncio.sleep(0.1)
    leaving = asyncio.create_task(stage.calls.finish())
    await asyncio.sleep(0)
    second = stage.asterisk.arrive("support")
    await leaving

    assert not first.in_stasis and not second.in_stasis
    assert second.played == []


# --- killed


@pytest.mark.parametrize("after", [0.0, 0.5, SECONDS["statement"] + 1, NOTICE + 1])
async def test_killed_in_the_notice(stage: Stage, after: float) -> None:
    """A call whose notice was cut off gets a new one; the old one ends with a name and without a choice."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(after)
    stage.restart()
    await asyncio.sleep(2 * NOTICE + SILENCE)

    assert told(here) == ("not_objected", "on")
    rows = stage.register.calls()
    assert all(row.choice is None and row.ended_at is not None for row in rows[1:])


async def test_killed_while_confirming(stage: Stage) -> None:
    """A call between its choice and its passing on goes on without a recording."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(NOTICE + 1)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(0.5)
    stage.restart()
    await asyncio.sleep(SECONDS["agreed"] + 1)

    assert told(here) == ("unavailable", "off")
    assert capture_of(here)[0] is False
    await stage.over(here)
    assert stage.recording().state is State.ERASED


async def test_killed_while_it_rings(stage: Stage) -> None:
    """A call that rings is taken up, and captured once a cleared agent answers."""
    here = await stage.agreed("support")
    stage.restart()
    await asyncio.sleep(1)
    stage.asterisk.join("b", stage.asterisk.agent("PJSIP/anna"), here)
    await asyncio.sleep(2)
    await stage.over(here)

    assert stage.recording().state is State.SEALED
    assert nothing_is_kept(stage)


async def test_killed_in_the_talk(stage: Stage) -> None:
    """A talk is taken up: muted, opened again for those who are there, withdrawn by the caller's keys."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(1)
    stage.restart()
    await asyncio.sleep(1)
    assert capture_of(here) == (True, False)

    stage.asterisk.press(here, "*9")
    await asyncio.sleep(1)
    assert capture_of(here)[0] is False
    assert stage.recording().state is State.ERASED


@pytest.mark.parametrize("phase", ["notice", "ringing", "talk"])
async def test_a_call_that_ended_while_nobody_was_there(stage: Stage, phase: str) -> None:
    """The next life seals what was captured, erases what was only prepared, and names the end."""
    if phase == "notice":
        here = stage.asterisk.arrive("support")
        await asyncio.sleep(1)
    elif phase == "ringing":
        here = await stage.agreed("support")
    else:
        here, _ = await stage.talking("support")
        await asyncio.sleep(2)
    stage.asterisk.ari_away = stage.asterisk.ami_away = True
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    stage.asterisk.hang_up(here)
    await asyncio.sleep(1)
    stage.restart()
    await asyncio.sleep(1)

    assert stage.row().ending is not None
    if phase != "notice":
        assert stage.recording().state is (State.SEALED if phase == "talk" else State.ERASED)
    assert stage.calls.alive == 0


async def test_ami_comes_back_after_ari(stage: Stage) -> None:
    """A talk is taken up only when its capture can be muted: until then it is left as it is, not lost."""
    here, _ = await stage.talking("support")
    stage.asterisk.ami_away = True
    reconnect, stage.asterisk.reconnect = stage.asterisk.reconnect, lambda: None  # type: ignore[method-assign]
    stage.restart()
    stage.calls.channels_known({here.id: None})
    await asyncio.sleep(1)
    assert stage.alarms() == []
    reconnect()
    await asyncio.sleep(1)

    assert capture_of(here) == (True, False)


async def test_killed_between_the_steps_of_a_withdrawal(stage: Stage) -> None:
    """Once a withdrawal is written no life of the process ever seals that caller anew."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    recording = stage.recording().id
    stage.erasure.withdraw(recording, {"disputes"}, Reason.WITHDRAWN, timedelta())
    stage.restart()
    await asyncio.sleep(1)

    assert capture_of(here)[0] is False
    assert stage.recording().state is State.ERASED
    assert LOUD not in stage.legs()


async def test_a_call_keeps_the_policy_it_arrived_under(stage: Stage) -> None:
    """A restart under another policy changes nothing for those who were told the old one."""
    here, _ = await stage.talking("support")
    old, stage.policy = stage.policy, replace(stage.policy, lines={}, version="0" * 64)
    stage.restart(old)
    await asyncio.sleep(1)

    assert capture_of(here) == (True, False)
    assert stage.calls.in_force.standings == STANDINGS


async def test_a_call_whose_policy_cannot_be_read_any_more(stage: Stage) -> None:
    """Without the rule by which parties are cleared nothing more is captured, and what was is sealed."""
    here, _ = await stage.talking("trading")
    await asyncio.sleep(2)
    stage.restart(None)
    await asyncio.sleep(1)
    assert capture_of(here)[0] is False

    await stage.over(here)
    assert stage.recording().state is State.SEALED


async def test_a_recording_that_its_ended_call_left_open(stage: Stage) -> None:
    """What could not be closed when its call ended is closed by the next life."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(1)
    stage.vault.away = True
    await stage.over(here)
    assert stage.register.calls_alive(NODE) == []
    assert stage.register.unfinished(NODE) == [stage.recording()]
    stage.vault.away = False
    stage.restart()

    assert stage.recording().state is State.SEALED
    assert nothing_is_kept(stage)


async def test_killed_while_somebody_is_on_hold(stage: Stage) -> None:
    """A hold that began before a kill keeps the capture muted after it, until it is over."""
    here, agent = await stage.talking("support")
    stage.asterisk.hold(agent, True)
    await asyncio.sleep(1)
    stage.restart()
    await asyncio.sleep(1)
    assert capture_of(here) == (True, True)

    stage.asterisk.hold(agent, False)
    await asyncio.sleep(1)
    assert capture_of(here) == (True, False)
