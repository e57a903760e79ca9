"""Stories of callers who come to a line once more: nothing is told twice, nothing recorded more widely."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from asterisk_gdpr.core.policy import Period, Unit
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import CallRow, Way
from tests.calls.stage import ANNA, POLICY, SECONDS, SILENCE, Stage
from tests.calls.test_parties import muted
from tests.fakes.exchange import LOUD, Channel

pytestmark = pytest.mark.looptime

NOTICE = SECONDS["statement"] + SECONDS["question-1"] + 0.5


def entries(stage: Stage) -> Sequence[CallRow]:
    """The calls that the register knows of the caller, the first one first."""
    return list(reversed(stage.register.calls()))


async def refused(stage: Stage, line: str = "sales") -> Channel:
    """A caller who refused after having heard everything, and was passed on."""
    stage.watch()
    here = stage.asterisk.arrive(line)
    await asyncio.sleep(NOTICE)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(0.1)
    return here


async def comes_to(stage: Stage, here: Channel, line: str, *, keys: str = "", way: Way = Way.AGAIN) -> None:
    """The caller's channel runs into another line, hears what there is to hear, and is passed on."""
    stage.asterisk.arrive_again(here, line, way)
    await asyncio.sleep(1)
    if here.in_stasis:
        await asyncio.sleep(NOTICE)
        if keys:
            stage.asterisk.press(here, keys)
        await asyncio.sleep(SILENCE)
    assert not here.in_stasis


async def talks(stage: Stage, here: Channel, bridge: str = "bridge-2") -> Channel:
    """Anna answers."""
    agent = stage.asterisk.agent(ANNA)
    stage.asterisk.join(bridge, agent, here)
    await asyncio.sleep(0.3)
    return agent


async def test_the_same_facts_are_not_told_again(stage: Stage) -> None:
    """A line with the same purposes and rules is passed at once, and the recording goes on as one."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    played = list(here.played)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "overflow")
    await talks(stage, here)
    await asyncio.sleep(2)
    assert not muted(here)

    await stage.over(here)
    assert here.played == played
    (row,) = entries(stage)
    assert row.line == "sales" and stage.recording().state is State.SEALED
    spans, _ = stage.opened()
    assert sum(end - start for start, end in spans) > 2.5


async def test_new_facts_are_told_and_asked(stage: Stage) -> None:
    """A new purpose is told and asked; agreed to, it holds for what is recorded from then on, and no more."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "academy", keys="1")
    await talks(stage, here)
    await asyncio.sleep(2)
    await stage.over(here)

    first, second = entries(stage)
    assert (first.choice, first.ending) == ("agreed", "moved_on")
    assert (second.choice, second.line) == ("agreed", "academy")
    assert first.recording and second.recording
    assert {term.purpose for term in stage.register.terms(first.recording)} == {"quality"}
    assert {term.purpose for term in stage.register.terms(second.recording)} == {"quality", "training"}
    assert stage.register.recording(first.recording).state is State.SEALED
    spans, manifest = stage.opened()
    assert sum(end - start for start, end in spans) > 1.5
    parts = [(part["id"], part.get("call")) for part in manifest["notice"]["parts"]]
    assert parts[:2] == [("statement", first.id), ("question-1", first.id)]
    assert ("statement", None) in parts and all("at" in part for part in manifest["notice"]["parts"])


async def test_while_the_second_notice_plays_nothing_is_captured(stage: Stage) -> None:
    """The recording of the first line has ended before a word of the second notice is played."""
    here, anna = await stage.talking("sales")
    stage.asterisk.leave(anna)
    stage.asterisk.arrive_again(here, "academy")
    await asyncio.sleep(0.05)
    assert not any(capture.running for capture in here.captures.values())
    await asyncio.sleep(NOTICE)
    assert not any(capture.running for capture in here.captures.values())


async def test_a_new_purpose_that_is_refused_makes_nothing_wider(stage: Stage) -> None:
    """A no to a question that names the earlier purpose too counts for both: nothing more is recorded."""
    here, anna = await stage.talking("sales")
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "academy", keys="2")
    await talks(stage, here)
    await asyncio.sleep(2)
    assert not any(capture.running for capture in here.captures.values())

    await stage.over(here)
    assert [row.choice for row in entries(stage)] == ["agreed", "refused"]
    assert entries(stage)[1].recording is None


@pytest.mark.parametrize("line", ["support", "overflow"])
async def test_a_refusal_outlasts_its_line(stage: Stage, line: str) -> None:
    """Who has refused hears nothing on a line that records unless they object, nor on one like the first."""
    here = await refused(stage)
    played = list(here.played)
    await comes_to(stage, here, line)
    await talks(stage, here)
    await asyncio.sleep(2)

    assert here.played == played and not here.captures
    assert LOUD not in stage.legs()
    await stage.over(here)
    assert {row.choice for row in entries(stage)} == {"refused"}


async def test_silence_is_no_objection_on_another_line(stage: Stage) -> None:
    """Who said nothing when asked for consent is told of another purpose, and may refuse it by key."""
    stage.watch()
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(NOTICE + SILENCE)
    await comes_to(stage, here, "support")
    await talks(stage, here)
    await asyncio.sleep(2)
    assert not muted(here)
    await stage.over(here)
    assert [row.choice for row in entries(stage)] == ["refused", "not_objected"]


async def test_what_the_law_demands_is_told_after_a_refusal(stage: Stage) -> None:
    """After a refusal a line with a mandatory purpose tells of it, and records for that one alone."""
    here = await refused(stage)
    await comes_to(stage, here, "trading")
    await talks(stage, here)
    await asyncio.sleep(2)
    await stage.over(here)

    recording = entries(stage)[1].recording
    assert recording is not None
    assert {term.purpose for term in stage.register.terms(recording)} == {"orders"}


async def test_a_withdrawal_outlasts_its_line(stage: Stage) -> None:
    """What was withdrawn in the talk is not asked for again, nor anything that silence would allow."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(1)
    stage.asterisk.leave(anna)
    for number, line in enumerate(("overflow", "support")):
        await comes_to(stage, here, line)
        await talks(stage, here, f"b{number}")
        await asyncio.sleep(1)
        assert not any(capture.running for capture in here.captures.values())
    await stage.over(here)
    assert [bool(row.recording) for row in entries(stage)] == [True, False]


async def test_a_withdrawal_reaches_what_the_lines_before_have_recorded(stage: Stage) -> None:
    """`*9` on a later line ends the recordings of all lines of the call."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "academy", keys="1")
    await talks(stage, here)
    await asyncio.sleep(1)
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(3)
    assert here.whispered == ["sound:withdrawn"]
    await stage.over(here)

    recordings = [row.recording for row in entries(stage)]
    assert [stage.register.recording(one or "").state for one in recordings] == [State.ERASED] * 2


async def test_a_withdrawal_where_nothing_is_recorded_reaches_the_lines_before(stage: Stage) -> None:
    """`*9` on a line that records nothing ends what the line before has recorded, and is confirmed."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(2)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "support", keys="2")
    await talks(stage, here)
    first, second = entries(stage)
    assert second.recording is None
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(3)

    assert stage.register.recording(first.recording or "").state is State.ERASED
    assert here.whispered[-1] == "sound:withdrawn"


async def test_a_transfer_back_takes_up_the_first_choice(stage: Stage) -> None:
    """Back on the first line nothing is told, and its purposes are those that were chosen there."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "support")
    ben = await talks(stage, here)
    stage.asterisk.leave(ben)
    played = list(here.played)
    await comes_to(stage, here, "sales")
    await talks(stage, here, "bridge-3")
    await asyncio.sleep(2)
    assert here.played == played and not muted(here)

    await stage.over(here)
    terms = [{term.purpose for term in stage.register.terms(row.recording or "")} for row in entries(stage)]
    assert terms == [{"quality"}, {"disputes"}, {"quality"}]
    assert [row.choice for row in entries(stage)] == ["agreed", "not_objected", "agreed"]


async def test_an_exempt_line_ends_the_recording(stage: Stage) -> None:
    """What reaches an exempt line after all is recorded no further."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "outage")
    await talks(stage, here)
    await asyncio.sleep(1)
    assert not any(capture.running for capture in here.captures.values())
    await stage.over(here)
    assert [row.choice for row in entries(stage)] == ["agreed", "exempt"]


async def test_a_period_that_has_changed_is_a_new_fact(stage: Stage) -> None:
    """Under another policy the same purpose is told again if anything that callers are told has changed."""
    here = await stage.agreed("sales")
    longer = replace(POLICY.purposes["quality"], keep=Period(2, Unit.YEARS))
    policy = replace(POLICY, purposes={**POLICY.purposes, "quality": longer}, version="b" * 64)
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=policy))
    before = len(here.played)
    await comes_to(stage, here, "overflow", keys="1")

    assert [media.removeprefix("sound:") for media in here.played[before:]][:2] == ["statement", "question-1"]


async def test_a_call_that_nobody_could_ask_is_asked_on_the_next_line(stage: Stage) -> None:
    """What was unavailable has told nothing: the next line does, even the same one by another name."""
    stage.watch()
    stage.missing.add("statement")
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(1)
    assert here.variables["GDPR_CHOICE"] == "unavailable"
    stage.missing.clear()
    await comes_to(stage, here, "overflow", keys="1", way=Way.NOTICE)
    assert here.variables["GDPR_CHOICE"] == "agreed"


async def test_who_is_not_known_any_more_is_not_asked_again(stage: Stage) -> None:
    """A channel that says it was asked before, and that nobody knows of, is passed on unrecorded."""
    here = stage.asterisk.arrive("sales", way=Way.AGAIN)
    await asyncio.sleep(0.1)

    assert not here.in_stasis and not here.played and not stage.register.calls()


async def test_who_hangs_up_in_the_second_notice_leaves_the_first_recording(stage: Stage) -> None:
    """The first line's recording is sealed whatever becomes of the second notice."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.leave(anna)
    stage.asterisk.arrive_again(here, "academy")
    await asyncio.sleep(1)
    await stage.over(here)

    first, second = entries(stage)
    assert second.ending == "hung_up_in_statement"
    assert first.recording and stage.register.recording(first.recording).state is State.SEALED


async def test_a_restart_in_the_second_notice_leaves_the_first_recording(stage: Stage) -> None:
    """Killed in the second notice, the next life passes it on and keeps what the first line recorded."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.leave(anna)
    stage.asterisk.arrive_again(here, "academy")
    await asyncio.sleep(2)
    stage.restart()
    await asyncio.sleep(1)
    assert not here.in_stasis
    await stage.over(here)

    first = entries(stage)[0]
    assert first.recording and stage.register.recording(first.recording).state is State.SEALED


async def test_a_refusal_is_known_after_a_restart(stage: Stage) -> None:
    """What was refused before a restart stays refused on the next line."""
    here = await refused(stage)
    stage.restart()
    await asyncio.sleep(1)
    await comes_to(stage, here, "support")
    await talks(stage, here)
    await asyncio.sleep(1)
    assert not here.captures


async def test_who_withdrew_agrees_anew(stage: Stage) -> None:
    """`*4` after `*9`: a new choice with its evidence and a new recording from then on; the first is gone."""
    here, _ = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(3)
    stage.asterisk.press(here, "*4")
    await asyncio.sleep(3)
    assert not muted(here)
    assert here.whispered == ["sound:withdrawn", "sound:agreed"] and here.heard
    await stage.over(here)

    first, second = entries(stage)
    assert (first.choice, first.ending, second.choice) == ("agreed", "moved_on", "agreed")
    assert stage.register.recording(first.recording or "").state is State.ERASED
    assert stage.register.recording(second.recording or "").state is State.SEALED
    evidence = stage.register.evidence(second.id)
    assert evidence is not None and evidence.facts["earlier"]["call"] == first.id
    assert [key["digit"] for key in evidence.facts["keys"]] == ["*", "4"]
    assert ("statement", True) in {(part["id"], part["heard"]) for part in evidence.facts["notice"]}
    spans, _ = stage.opened()
    assert 2 < sum(end - start for start, end in spans) < 3.2


@pytest.mark.parametrize("killed", ["before both", "between them"])
async def test_who_withdrew_agrees_anew_after_a_restart(stage: Stage, killed: str) -> None:
    """A kill before `*9`, or between it and `*4`: the choice is new, and its evidence says what was heard."""
    here, _ = await stage.talking("sales")
    await asyncio.sleep(1)
    for when, keys in (("before both", "*9"), ("between them", "*4")):
        if when == killed:
            stage.restart()
            await asyncio.sleep(3)
        stage.asterisk.press(here, keys)
        await asyncio.sleep(3)
    assert not muted(here) and here.heard
    assert here.whispered == ["sound:withdrawn", "sound:agreed"]
    await stage.over(here)

    first, second = entries(stage)
    assert (first.choice, first.ending, second.choice) == ("agreed", "moved_on", "agreed")
    assert stage.register.recording(first.recording or "").state is State.ERASED
    assert stage.register.recording(second.recording or "").state is State.SEALED
    assert second.linkedid == first.linkedid and second.caller_sealed is not None
    evidence = stage.register.evidence(second.id)
    assert evidence is not None and evidence.facts["earlier"]["call"] == first.id
    heard = {(part["id"], part["heard"], part["call"]) for part in evidence.facts["notice"]}
    assert ("statement", True, first.id) in heard


async def test_a_withdrawal_outlasts_a_restart(stage: Stage) -> None:
    """Who withdrew before a restart is not recorded by silence on another line after it."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(3)
    stage.restart()
    await asyncio.sleep(3)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "support")
    await talks(stage, here)
    assert muted(here)


async def test_who_agreed_anew_withdraws_again(stage: Stage) -> None:
    """A second `*9` ends the second recording too, and the agent's silence after it stays."""
    here, _ = await stage.talking("sales")
    for keys in ("*9", "*4", "*9"):
        await asyncio.sleep(2)
        stage.asterisk.press(here, keys)
    await asyncio.sleep(2)
    assert not any(capture.running for capture in here.captures.values())
    await stage.over(here)
    states = {stage.register.recording(row.recording or "").state for row in entries(stage)}
    assert states == {State.ERASED}


async def test_what_was_agreed_to_anew_goes_on_elsewhere(stage: Stage) -> None:
    """After `*9` and `*4` a line with the same facts records on, and one where silence would do does not."""
    here, anna = await stage.talking("sales")
    for keys in ("*9", "*4"):
        await asyncio.sleep(2)
        stage.asterisk.press(here, keys)
    await asyncio.sleep(2)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "support")
    ben = await talks(stage, here)
    assert not any(capture.running for capture in here.captures.values())
    stage.asterisk.leave(ben)
    await comes_to(stage, here, "sales")
    await talks(stage, here, "bridge-3")
    await asyncio.sleep(1)
    assert not muted(here) and any(capture.running for capture in here.captures.values())
    await stage.over(here)


async def test_a_withdrawal_of_all_lines_survives_a_kill(stage: Stage) -> None:
    """A `*9` on a later line that the register could not take reaches every recording in the next life."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(1)
    stage.asterisk.leave(anna)
    await comes_to(stage, here, "academy", keys="1")
    await talks(stage, here)
    await asyncio.sleep(6)
    stage.register.away = True
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(0.2)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0.1)
    stage.register.away = False
    stage.restart()
    await asyncio.sleep(1)

    recordings = [row.recording for row in entries(stage)]
    assert [stage.register.recording(one or "").state for one in recordings] == [State.ERASED] * 2
