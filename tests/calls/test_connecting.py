"""The connect mode, as stories: who is called, who is joined, what is captured, and who is let go."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from asterisk_gdpr.core.call.state import Result, Verb
from asterisk_gdpr.core.connection import SWAP_RINGS
from asterisk_gdpr.core.policy import Direction, Policy
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import Way
from tests.calls.stage import ANNA, BEN, POLICY, SECONDS, SILENCE, Stage
from tests.fakes.exchange import Channel

pytestmark = pytest.mark.looptime

NOTICE = SECONDS["statement"] + SECONDS["question-1"]
CARLA = "PJSIP/carla"
OUTSIDE = "PJSIP/+4930123456@trunk"


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """The stage with people who can be called, and a line whose calls go out."""
    stage.asterisk.endpoints = {ANNA: 2.0, BEN: 1.0, CARLA: None, "PJSIP/dora": "busy", OUTSIDE: 2.0}
    return stage


def with_outbound(stage: Stage) -> Policy:
    """A policy in which line `support` is one whose calls go out."""
    lines = {**POLICY.lines, "support": replace(POLICY.lines["support"], direction=Direction.OUTBOUND)}
    policy = replace(POLICY, lines=lines)
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=policy))
    return policy


def arrive(stage: Stage, endpoint: str = ANNA, line: str = "support", seconds: int = 20) -> Channel:
    """A caller whom the dialplan hands over to be connected."""
    return stage.asterisk.arrive(line, way=Way.CONNECT, endpoint=endpoint, seconds=seconds)


def leg(stage: Stage, number: int = 1) -> Channel:
    """A leg of the newest call."""
    return stage.asterisk.channels[f"{stage.row().id}-leg{number:02d}"]


def captured(subject: Channel) -> bool:
    """Whether what this data subject says is captured now."""
    return any(capture.running and not capture.muted for capture in subject.captures.values())


async def test_after_the_notice_the_agent_is_called_and_both_are_recorded(stage: Stage) -> None:
    """Whoever does not object hears ringing, is joined with the agent who answers, and is recorded."""
    here = arrive(stage)
    await asyncio.sleep(NOTICE + SILENCE + 0.5)
    assert here.rings and here.in_stasis and not here.bridge
    await asyncio.sleep(2)
    agent = leg(stage)
    assert agent.bridge == here.bridge and here.variables["GDPR_DIALSTATUS"] == "ANSWER"
    assert here.variables["GDPR_RECORDING"] == "on" and here.variables["GDPR_CHOICE"] == "not_objected"
    await asyncio.sleep(4)
    assert captured(here)
    stage.asterisk.hang_up(here)
    await asyncio.sleep(10)

    assert not agent.alive
    assert stage.recording().frames > 3 * 8000
    assert stage.row().ending == "ended_after_talk" and stage.calls.alive == 0


async def test_an_agent_who_is_not_cleared_is_connected_and_not_captured(stage: Stage) -> None:
    """The register of agents decides in the bridge of ours as it does in any other."""
    here = arrive(stage, BEN)
    await asyncio.sleep(NOTICE + SILENCE + 4)

    assert here.bridge == leg(stage).bridge != ""
    assert not captured(here)


async def test_a_refusal_is_connected_at_once(stage: Stage) -> None:
    """Who refuses is connected like anybody else, unrecorded."""
    here = arrive(stage)
    await asyncio.sleep(1)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(2.5)

    assert here.bridge == leg(stage).bridge != ""
    assert here.variables["GDPR_CHOICE"] == "refused" and stage.row().recording is None


async def test_a_refused_caller_who_talks_keeps_nobody_away(stage: Stage) -> None:
    """Whoever talks unrecorded waits for nothing: who arrives meanwhile is asked as ever."""
    here = arrive(stage)
    await asyncio.sleep(1)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(30)
    assert here.alive and here.bridge
    other = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)

    assert other.in_stasis and other.played == ["sound:statement"]


@pytest.mark.parametrize(
    ("endpoint", "status", "after"),
    [("PJSIP/dora", "BUSY", 0.5), (CARLA, "NOANSWER", 5.5), ("PJSIP/nobody", "CHANUNAVAIL", 0.5)],
)
async def test_who_cannot_be_connected_is_handed_back_with_the_reason(
    stage: Stage, endpoint: str, status: str, after: float
) -> None:
    """Busy, no answer and no such phone are told to the dialplan, and nothing of the call is kept."""
    here = arrive(stage, endpoint, seconds=5)
    await asyncio.sleep(NOTICE + SILENCE + after)

    assert not here.in_stasis and here.variables["GDPR_DIALSTATUS"] == status
    await stage.over(here)
    assert stage.row().ending == "ended_unanswered"
    assert not [one for one in stage.asterisk.channels.values() if one.alive]


async def test_a_second_try_asks_nothing_again(stage: Stage) -> None:
    """After a busy agent the next one is called under the choice that was made, and recorded."""
    here = arrive(stage, "PJSIP/dora")
    await asyncio.sleep(NOTICE + SILENCE + 0.5)
    assert not here.in_stasis
    played = list(here.played)
    here.in_stasis = True
    assert here.arrival is not None
    stage.calls.call_arrived(replace(here.arrival, endpoint=ANNA, asked=True))
    await asyncio.sleep(5)

    assert here.played == played
    assert here.bridge == leg(stage, 2).bridge != "" and captured(here)
    assert len(stage.register.calls()) == 1


async def test_a_second_try_on_another_line_tells_what_is_new(stage: Stage) -> None:
    """After a busy agent a line with a new purpose is told and asked, then connected and recorded."""
    here = arrive(stage, "PJSIP/dora", line="sales")
    await asyncio.sleep(NOTICE)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(SILENCE + 0.5)
    assert not here.in_stasis
    stage.asterisk.arrive_again(here, "academy", Way.CONNECT, endpoint=ANNA, asked=True)
    await asyncio.sleep(NOTICE + 0.5)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(6)

    assert here.played.count("sound:statement") == 2
    assert here.bridge == leg(stage).bridge != "" and captured(here)
    assert [row.line for row in stage.register.calls()] == ["academy", "sales"]


async def test_the_agent_hangs_up_and_the_caller_with_them(stage: Stage) -> None:
    """A talk ends for both, and the recording is closed."""
    here = arrive(stage)
    await asyncio.sleep(NOTICE + SILENCE + 6)
    stage.asterisk.hang_up(leg(stage))
    await asyncio.sleep(10)

    assert not here.alive and stage.recording().ended_at is not None


async def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing(stage: Stage) -> None:
    """Nobody's phone rings for a caller who has gone."""
    here = arrive(stage, CARLA)
    await asyncio.sleep(NOTICE + SILENCE + 1)
    stage.asterisk.hang_up(here)
    await asyncio.sleep(5)

    assert not leg(stage).alive
    assert stage.row().ending == "ended_unanswered" and stage.calls.alive == 0


async def test_another_agent_takes_over_in_the_talk(stage: Stage) -> None:
    """A swap calls the next one while the first still talks, and lets the first go when both are there."""
    here = arrive(stage, BEN)
    await asyncio.sleep(NOTICE + SILENCE + 3)
    assert not captured(here)
    swap = asyncio.ensure_future(stage.calls.command(stage.row().id, Verb.SWAP, ANNA))
    await asyncio.sleep(1)
    assert leg(stage, 1).alive and not swap.done()
    await asyncio.sleep(4)

    assert not leg(stage, 1).alive and leg(stage, 2).bridge == here.bridge
    assert here.alive and captured(here)
    assert await swap is Result.SWAPPED


async def test_a_swap_that_reaches_nobody_is_said_and_changes_nothing(stage: Stage) -> None:
    """Busy, not there, or already under way: the talk goes on as it was, and who asked learns why."""
    here = arrive(stage)
    await asyncio.sleep(NOTICE + SILENCE + 4)
    call = stage.row().id

    assert await stage.calls.command(call, Verb.SWAP, "PJSIP/dora") is Result.NOT_REACHED
    waiting = asyncio.ensure_future(stage.calls.command(call, Verb.SWAP, CARLA))
    await asyncio.sleep(1)
    assert await stage.calls.command(call, Verb.SWAP, BEN) is Result.SWAPPING
    await asyncio.sleep(SWAP_RINGS)
    assert await waiting is Result.NOT_REACHED
    assert leg(stage).bridge == here.bridge != "" and captured(here)


async def test_a_swap_is_for_a_talk_that_we_have_connected(stage: Stage) -> None:
    """A call that the dialplan connected, one in its notice and one that is none cannot be swapped."""
    call = stage.calls.command
    arrive(stage)
    await asyncio.sleep(1)
    assert await call(stage.row().id, Verb.SWAP, BEN) is Result.NOT_TALKING
    await stage.talking("support")
    assert await call(stage.row().id, Verb.SWAP, BEN) is Result.NOT_CONNECTED
    assert await call("c0000000000000000", Verb.SWAP, BEN) is Result.NO_SUCH_CALL


async def test_whoever_was_transferred_to_keeps_the_caller(stage: Stage) -> None:
    """An agent whose place somebody else has taken goes alone; with the last one the caller goes too."""
    here = arrive(stage)
    await asyncio.sleep(NOTICE + SILENCE + 4)
    second = stage.asterisk.agent(BEN)
    stage.asterisk.join(here.bridge, second)
    here.variables["GDPR_LEG"] = ""
    stage.asterisk.hang_up(leg(stage))
    await asyncio.sleep(2)
    assert here.alive and here.bridge
    stage.asterisk.hang_up(second)
    await asyncio.sleep(2)

    assert not here.alive


async def test_an_orderly_stop_while_it_rings_leaves_the_calling_to_the_dialplan(stage: Stage) -> None:
    """A daemon that leaves stops ringing, and hands the caller back without a status."""
    here = arrive(stage, CARLA)
    await asyncio.sleep(NOTICE + SILENCE + 1)
    await stage.calls.finish()

    assert not here.in_stasis and here.variables["GDPR_DIALSTATUS"] == ""
    assert not leg(stage).alive


async def test_a_restart_finds_a_talk_that_it_has_connected(stage: Stage) -> None:
    """Who talks in a bridge of ours goes on talking and being recorded, and both still end together."""
    here = arrive(stage)
    await asyncio.sleep(NOTICE + SILENCE + 4)
    stage.restart()
    await asyncio.sleep(3)
    assert here.in_stasis and captured(here) and len(stage.register.calls()) == 1
    stage.asterisk.hang_up(leg(stage))
    await asyncio.sleep(10)

    assert not here.alive and stage.recording().ended_at is not None


@pytest.mark.parametrize("way", ["inbound", "outbound"])
@pytest.mark.parametrize("killed", [False, True])
async def test_who_withdrew_agrees_anew(stage: Stage, way: str, killed: bool) -> None:
    """`*4` after `*9` in a bridge of ours: another call, recorded anew, and both still end together."""
    policy = with_outbound(stage) if way == "outbound" else stage.policy
    here = arrive(stage, OUTSIDE if way == "outbound" else ANNA)
    if way == "outbound":
        here.name = f"{ANNA}-00000077"
    await asyncio.sleep(NOTICE + SILENCE + 4)
    first = stage.row()
    called = leg(stage)
    subject, other = (called, here) if way == "outbound" else (here, called)
    stage.asterisk.press(subject, "*9")
    await asyncio.sleep(3)
    assert not captured(subject)
    stage.asterisk.press(subject, "*4")
    await asyncio.sleep(3)
    second = stage.row()
    assert captured(subject) and second.id != first.id and second.choice == "agreed"
    if killed:
        stage.policy = policy
        stage.restart(policy)
        await asyncio.sleep(3)
        assert captured(subject)
    assert here.alive and called.alive and here.bridge == called.bridge != ""
    stage.asterisk.hang_up(other)
    await asyncio.sleep(10)

    assert not subject.alive and stage.calls.alive == 0
    assert stage.register.recording(first.recording or "").state is State.ERASED
    assert stage.register.recording(second.recording or "").state is State.SEALED


async def test_who_agreed_anew_is_swapped_and_connected_again(stage: Stage) -> None:
    """The connection goes on with the new call: by its id another agent takes over, and is let go with it."""
    here = arrive(stage)
    await asyncio.sleep(NOTICE + SILENCE + 4)
    first = stage.row()
    anna = leg(stage)
    swapping = asyncio.create_task(stage.calls.command(first.id, Verb.SWAP, BEN))
    for keys in ("*9", "*4"):
        stage.asterisk.press(here, keys)
        await asyncio.sleep(0.1)
    assert await swapping is Result.SWAPPED, "who asked before `*4` hears what came of it after"
    await asyncio.sleep(1)
    ben = stage.asterisk.channels[f"{first.id}-leg02"]
    assert not anna.alive and ben.bridge == here.bridge != "" and here.alive
    assert await stage.calls.command(stage.row().id, Verb.SWAP, ANNA) is Result.SWAPPED
    await asyncio.sleep(1)
    assert not ben.alive and here.alive
    stage.asterisk.hang_up(stage.asterisk.channels[f"{first.id}-leg03"])
    await asyncio.sleep(10)
    assert not here.alive and stage.calls.alive == 0


async def test_who_agreed_anew_comes_to_another_agent_by_the_dialplan(stage: Stage) -> None:
    """Once the dialplan has them again, whom it connects them with next is called for the new call."""
    here = arrive(stage)
    await asyncio.sleep(NOTICE + SILENCE + 4)
    first = stage.row()
    for keys in ("*9", "*4"):
        stage.asterisk.press(here, keys)
        await asyncio.sleep(2)
    stage.asterisk.leave(here)
    stage.asterisk.take_out(here)
    await asyncio.sleep(1)
    stage.asterisk.arrive_again(here, "support", Way.CONNECT, endpoint=BEN, seconds=20)
    await asyncio.sleep(3)
    ben = leg(stage)
    assert stage.row().id != first.id and ben.name.startswith(BEN) and ben.bridge == here.bridge != ""
    stage.restart()
    await asyncio.sleep(3)
    stage.asterisk.hang_up(ben)
    await asyncio.sleep(10)
    assert not here.alive and stage.calls.alive == 0


async def test_a_restart_while_it_rings_leaves_the_calling_to_the_dialplan(stage: Stage) -> None:
    """Whom an earlier life has called is let go, and the dialplan calls, under the choice that was made."""
    here = arrive(stage, CARLA)
    await asyncio.sleep(NOTICE + SILENCE + 1)
    stage.restart()
    await asyncio.sleep(1)

    assert not here.in_stasis and here.variables["GDPR_DIALSTATUS"] == "" and not leg(stage).alive
    agent = stage.asterisk.agent(ANNA)
    stage.asterisk.join("bridge-9", agent, here)
    await asyncio.sleep(2)
    assert captured(here)


async def test_outbound_the_one_who_is_called_hears_the_notice_and_chooses(stage: Stage) -> None:
    """The called party is told and asked before anybody talks to them; the one who calls hears ringing."""
    with_outbound(stage)
    here = arrive(stage, OUTSIDE)
    await asyncio.sleep(1)
    assert here.rings and not here.played
    await asyncio.sleep(NOTICE + 2)
    called = leg(stage)
    assert [media for media in called.played] == ["sound:statement", "sound:question-1"]
    assert not called.bridge and here.rings and not here.played
    await asyncio.sleep(SILENCE + 1)

    assert called.bridge == here.bridge != "" and called.captures and not here.captures
    assert stage.row().channel == called.id


async def test_outbound_a_refusal_of_the_called_party_counts(stage: Stage) -> None:
    """Who is called and refuses is connected, and not recorded."""
    with_outbound(stage)
    here = arrive(stage, OUTSIDE)
    await asyncio.sleep(3)
    stage.asterisk.press(leg(stage), "2")
    await asyncio.sleep(1)

    assert leg(stage).bridge == here.bridge != ""
    assert here.variables["GDPR_CHOICE"] == "refused" and stage.row().recording is None


async def test_outbound_nobody_answers(stage: Stage) -> None:
    """A called party who never answered leaves a call that ended unanswered, and a caller with the reason."""
    with_outbound(stage)
    here = arrive(stage, CARLA, seconds=4)
    await asyncio.sleep(6)

    assert not here.in_stasis and here.variables["GDPR_DIALSTATUS"] == "NOANSWER"
    assert stage.row().ending == "ended_unanswered" and stage.calls.alive == 0


async def test_outbound_the_called_party_hangs_up_in_the_notice(stage: Stage) -> None:
    """Then nobody was connected, and the one who calls is handed back."""
    with_outbound(stage)
    here = arrive(stage, OUTSIDE)
    await asyncio.sleep(4)
    stage.asterisk.hang_up(leg(stage))
    await asyncio.sleep(1)

    assert not here.in_stasis and here.variables["GDPR_DIALSTATUS"] == "NOANSWER"
    assert stage.row().ending == "hung_up_in_statement"


async def test_outbound_the_one_who_calls_hangs_up_in_the_notice(stage: Stage) -> None:
    """Then the called party is let go, and is not recorded."""
    with_outbound(stage)
    here = arrive(stage, OUTSIDE)
    await asyncio.sleep(4)
    stage.asterisk.hang_up(here)
    await asyncio.sleep(1)

    assert not leg(stage).alive and stage.row().recording is None and stage.calls.alive == 0


async def test_outbound_a_restart_finds_the_talk(stage: Stage) -> None:
    """Who was called out and talks goes on being recorded, on their own channel."""
    policy = with_outbound(stage)
    here = arrive(stage, OUTSIDE)
    stage.asterisk.channels[here.id].name = f"{ANNA}-00000077"
    await asyncio.sleep(NOTICE + SILENCE + 4)
    stage.policy = policy
    stage.restart(policy)
    await asyncio.sleep(2)

    assert captured(leg(stage)) and len(stage.register.calls()) == 1
    stage.asterisk.hang_up(here)
    await asyncio.sleep(10)
    assert not leg(stage).alive and stage.recording().ended_at is not None
