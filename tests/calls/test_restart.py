"""Stories of a process that ends, in good order or killed, and of its next life."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_gdpr.core.call.state import Result, Verb
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


@pytest.mark.parametrize("says", [True, False])
async def test_killed_while_somebody_is_on_hold(stage: Stage, says: bool) -> None:
    """A hold that began before a kill keeps the capture muted after it, until it is over."""
    stage.asterisk.says_who_holds = says
    here, agent = await stage.talking("support")
    stage.asterisk.hold(agent, True)
    await asyncio.sleep(1)
    stage.restart()
    await asyncio.sleep(1)
    assert capture_of(here) == (True, True)

    stage.asterisk.hold(agent, False)
    await asyncio.sleep(1)
    assert capture_of(here) == (True, False)


async def test_a_hold_that_begins_while_the_process_is_dead(stage: Stage) -> None:
    """Nobody was told of it, and Asterisk says it when it is asked: muted until it is over."""
    here, agent = await stage.talking("support")
    await asyncio.sleep(1)
    stage.kill()
    agent.holds = True
    await asyncio.sleep(1)
    stage.start()
    await asyncio.sleep(2)
    assert capture_of(here) == (True, True)
    *_, capture = here.captures.values()
    assert not capture.opened, "not for a moment"

    stage.asterisk.hold(agent, False)
    await asyncio.sleep(1)
    assert capture_of(here) == (True, False)


@pytest.mark.parametrize("says", [True, False])
async def test_a_hold_that_ends_while_the_process_is_dead(stage: Stage, says: bool) -> None:
    """It is over where Asterisk says so; where it cannot be asked, once somebody takes the others back."""
    stage.asterisk.says_who_holds = says
    here, agent = await stage.talking("support")
    stage.asterisk.hold(agent, True)
    await asyncio.sleep(1)
    stage.kill()
    agent.holds = False
    stage.start()
    await asyncio.sleep(2)
    assert capture_of(here) == (True, not says)

    stage.asterisk.hold(agent, False)
    await asyncio.sleep(1)
    assert capture_of(here) == (True, False)


@pytest.mark.parametrize(("away", "ends_within"), [(1, (58, 60)), (150, (1, 3))])
async def test_a_pause_ends_when_it_would_have_ended(
    stage: Stage, away: float, ends_within: tuple[float, float]
) -> None:
    """Killed a minute into a pause of two: the rest of it goes on, or it ends at once where that is over."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(1)
    (call,) = stage.register.calls_alive(NODE)
    await stage.calls.command(call.id, Verb.PAUSE)
    await asyncio.sleep(60)
    stage.kill()
    await asyncio.sleep(away)
    stage.start()
    least, most = ends_within
    await asyncio.sleep(least)
    assert capture_of(here) == (True, True)
    await asyncio.sleep(most - least)
    assert capture_of(here) == (True, False)


async def test_a_pause_while_the_capture_is_begun_anew_survives_a_kill(stage: Stage) -> None:
    """Card data is said just as somebody takes over, while nothing runs: it is paused after a kill too."""
    here, agent = await stage.talking("support")
    await asyncio.sleep(1)
    (call,) = stage.register.calls_alive(NODE)
    stage.asterisk.join("bridge-1", stage.asterisk.agent("PJSIP/anna"), here)
    stage.asterisk.leave(agent)
    await asyncio.sleep(0.05)
    await stage.calls.command(call.id, Verb.PAUSE)
    await asyncio.sleep(1)
    assert len(here.captures) == 2
    stage.restart()
    await asyncio.sleep(1)
    assert capture_of(here) == (True, True)


# --- a crowd


PHASES = ("notice", "ringing", "talking", "paused", "refused")


async def crowd(stage: Stage) -> list[tuple[str, Channel]]:
    """Fifty calls, ten in each phase."""
    stage.watch()
    here = list[tuple[str, Channel]]()
    for phase in PHASES[1:] * 10:
        here.append((phase, stage.asterisk.arrive("sales" if phase == "refused" else "support")))
        await asyncio.sleep(0.3)  # all at once would be more than can be served
    await asyncio.sleep(1)
    for phase, one in here:
        if phase == "refused":
            stage.asterisk.press(one, "2")
    await asyncio.sleep(NOTICE + SILENCE + 1)
    for number, (phase, one) in enumerate(here):
        if phase != "ringing":
            stage.asterisk.join(f"bridge-{number}", stage.asterisk.agent("PJSIP/anna"), one)
    await asyncio.sleep(2)
    for row in stage.register.calls(limit=100):
        phase = next(phase for phase, one in here if one.id == row.channel)
        if phase == "paused":
            await stage.calls.command(row.id, Verb.PAUSE)
    here += [("notice", stage.asterisk.arrive("support")) for _ in range(10)]
    await asyncio.sleep(1)
    return here


@pytest.mark.thorough
@pytest.mark.parametrize("leaves", ["killed", "stopped"])
async def test_fifty_calls_are_taken_up_where_they_were(stage: Stage, leaves: str) -> None:
    """In the notice, ringing, talking, paused or refused: after a restart each goes on there."""
    here = await crowd(stage)
    before = {row.channel: row for row in stage.register.calls(limit=100)}
    assert len(before) == 50
    if leaves == "stopped":
        await stage.calls.finish()
    stage.restart()
    await asyncio.sleep(NOTICE + SILENCE + 1)
    for number, (phase, one) in enumerate(here):
        if phase == "ringing":
            stage.asterisk.join(f"bridge-{number}", stage.asterisk.agent("PJSIP/anna"), one)
    await asyncio.sleep(1)

    after = {row.channel: row for row in reversed(stage.register.calls(limit=100))}
    for phase, one in here:
        row = after[one.id]
        match phase:
            case "notice" if leaves == "killed":
                assert row.id != before[one.id].id
                assert told(one) == ("not_objected", "on")
            case "notice":
                assert told(one) == ("unavailable", "off")
            case "ringing" | "talking":
                assert (row.id, row.choice) == (before[one.id].id, "not_objected")
                assert capture_of(one) == (True, False)
            case "paused":
                assert (row.id, row.choice) == (before[one.id].id, "not_objected")
                assert capture_of(one) == (True, True)
                assert await stage.calls.command(row.id, Verb.RESUME) is Result.RESUMED
                await asyncio.sleep(0.5)
                assert capture_of(one) == (True, False)
            case _:
                assert (row.id, row.choice) == (before[one.id].id, "refused")
                assert one.captures == {}


async def test_a_talk_whose_notes_cannot_be_read_is_captured_no_further(stage: Stage) -> None:
    """Nobody knows whether it was paused: what was captured is kept, more is not, and a person is told."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    recording = stage.recording().id
    stage.spool.keep_notes(recording, b'{"version": 999}')
    stage.restart()
    await asyncio.sleep(2)
    assert capture_of(here)[0] is False
    assert stage.alarms() == ["capture-lost"]

    await stage.over(here)
    assert stage.recording().state is State.SEALED


@pytest.mark.thorough
async def test_asterisk_out_of_reach_for_an_hour(stage: Stage) -> None:
    """After an hour without ARI and AMI a talk is where it was, and its keys count."""
    here, agent = await stage.talking("support")
    await asyncio.sleep(4)
    stage.asterisk.ari_away = True
    stage.asterisk.lose_ami()
    stage.asterisk.leave(agent)
    await asyncio.sleep(3600)
    stage.asterisk.join("bridge-1", agent, here)
    stage.asterisk.reconnect()
    await asyncio.sleep(3)
    assert capture_of(here) == (True, False)
    assert nothing_is_left_waiting(stage)

    stage.asterisk.press(here, "*9")
    await asyncio.sleep(1)
    assert stage.recording().state is State.ERASED


def nothing_is_left_waiting(stage: Stage) -> bool:
    """Whether the register knows the call as it is, and nothing is in anybody's way."""
    return [row.choice for row in stage.register.calls_alive(NODE)] == ["not_objected"]
