"""Stories of the notice: what the caller did, what became of the call, and what the register says of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.service.erasing.holds import Holds
from tests.calls.stage import ANNA, SECONDS, SILENCE, Stage
from tests.fakes.exchange import LOUD, Channel

pytestmark = pytest.mark.looptime

NOTICE = SECONDS["statement"] + SECONDS["question-1"]


def told(here: Channel) -> tuple[str, str]:
    """What the dialplan is told."""
    return here.variables["GDPR_CHOICE"], here.variables["GDPR_RECORDING"]


async def test_silence_on_an_opt_out_line(stage: Stage) -> None:
    """Who hears how to object and says nothing has not objected, is recorded, and never called agreed."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(3)
    await stage.over(here)

    assert told(here) == ("not_objected", "on")
    assert (stage.row().choice, stage.said()) == ("not_objected", ["silence"])
    assert stage.recording().state is State.SEALED
    assert stage.recording().frames == pytest.approx(3.1 * 8000, abs=800)


async def test_agreeing_on_an_opt_in_line(stage: Stage) -> None:
    """Who agrees is recorded from the moment in which a cleared agent is there."""
    here, _ = await stage.talking("sales")
    await asyncio.sleep(3)
    await stage.over(here)

    assert told(here) == ("agreed", "on")
    assert here.variables["GDPR_CALL"] == stage.row().id
    assert stage.said() == ["agreed"]
    assert stage.recording().state is State.SEALED


async def test_silence_on_an_opt_in_line(stage: Stage) -> None:
    """Who says nothing when asked for consent is passed on after the wait; nothing was ever prepared."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(NOTICE + SILENCE + 0.1)

    assert not here.in_stasis
    assert told(here) == ("refused", "off")
    assert (stage.row().recording, stage.spool.recordings()) == (None, [])
    assert stage.said() == ["silence"]


async def test_in_early_media_a_key_is_an_answer_and_silence_none(stage: Stage) -> None:
    """The channel is not answered for the notice; evidence calls heard only what was answered by a key."""
    agreed = stage.asterisk.arrive("early")
    await asyncio.sleep(NOTICE + 1)
    stage.asterisk.press(agreed, "1")
    await asyncio.sleep(SECONDS["agreed"] + 0.1)
    proven = stage.register.evidence(stage.row().id)
    silent = stage.asterisk.arrive("early")
    await asyncio.sleep(NOTICE + SILENCE + 0.1)
    unproven = stage.register.evidence(stage.row().id)

    assert not agreed.up and not silent.up
    assert (told(agreed), told(silent)) == (("agreed", "on"), ("refused", "off"))
    assert proven is not None and unproven is not None
    assert proven.facts["early_media"] and unproven.facts["early_media"]
    heard = [[(part["id"], part["heard"]) for part in one.facts["notice"][:2]] for one in (proven, unproven)]
    assert heard == [
        [("statement", True), ("question-1", True)],
        [("statement", False), ("question-1", False)],
    ]


async def test_wideband_is_recorded_as_such(stage: Stage) -> None:
    """Who speaks a wideband codec is recorded at twice the rate, for as long as anybody else would be."""
    here = stage.asterisk.arrive("support")
    here.rate = 16000
    await asyncio.sleep(NOTICE + SILENCE + 0.1)
    (capture,) = here.captures.values()
    stage.asterisk.join("bridge", stage.asterisk.agent(ANNA), here)
    await asyncio.sleep(3)
    await stage.over(here)

    assert (capture.left.suffix, capture.right.suffix) == (".sln16", ".sln16")
    recording = stage.recording()
    assert (recording.state, recording.rate) == (State.SEALED, 16000)
    assert recording.frames == pytest.approx(3 * 16000, abs=1600)


@pytest.mark.parametrize("line", ["sales", "support", "trading"])
@pytest.mark.parametrize("after", [0.5, SECONDS["statement"] + 1, NOTICE + 1])
async def test_refusing_at_any_moment(stage: Stage, line: str, after: float) -> None:
    """A refusal in any part of the notice passes the call on at once, unless the law must still be told."""
    here = stage.asterisk.arrive(line)
    await asyncio.sleep(after)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(0.1 if line != "trading" else SECONDS["statement"] + SECONDS["kept_by_law"] + 0.1)

    assert not here.in_stasis
    assert stage.said() == ["refused"]
    kept = stage.row().recording is not None
    assert kept == (line == "trading")
    assert not kept or [term.purpose for term in stage.register.terms(stage.recording().id)] == ["orders"]


async def test_an_early_agreement_counts_after_the_statement(stage: Stage) -> None:
    """Agreeing early skips the question, not the statement."""
    here = stage.asterisk.arrive("sales")
    stage.asterisk.press(here, "1")
    await asyncio.sleep(SECONDS["statement"] + SECONDS["agreed"] + 0.1)

    assert here.played == ["sound:statement", "sound:agreed"]
    assert told(here) == ("agreed", "on")


async def test_wrong_keys_change_nothing(stage: Stage) -> None:
    """Keys without a meaning are noted and otherwise passed over."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "0864#1")
    await asyncio.sleep(NOTICE + SILENCE)

    assert told(here) == ("not_objected", "on")
    assert stage.said() == ["silence"]


async def test_details_and_repeats(stage: Stage) -> None:
    """Who asks for details or a repeat hears them, each from its beginning, and still has the choice."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "5")
    await asyncio.sleep(SECONDS["details"] + SECONDS["statement"] + 1)
    stage.asterisk.press(here, "7")
    await asyncio.sleep(NOTICE + 1)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(2)

    parts = ["statement", "details", "statement", "question-1", "statement", "question-1", "agreed"]
    assert here.played == [f"sound:{part}" for part in parts]
    assert told(here) == ("agreed", "on")


async def test_the_evidence_tells_what_was_heard_and_what_was_cut(stage: Stage) -> None:
    """A prompt that was stopped, by the caller or by anything else, is never written down as heard."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(SECONDS["statement"] + 1)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(2)

    evidence = stage.register.evidence(stage.row().id)
    assert evidence is not None
    heard = [(part["id"], part["heard"]) for part in evidence.facts["notice"]]
    assert heard == [("statement", True), ("question-1", False), ("agreed", False)]
    assert evidence.facts["keys"] == [{"digit": "1", "at": "2026-11-23T12:00:07.000000Z"}]


async def test_the_evidence_holds_the_words_and_the_hash_of_their_sound(stage: Stage) -> None:
    """What a caller was told can be read from the evidence alone, whatever has become of the prompts."""
    await stage.agreed("support")

    evidence = stage.register.evidence(stage.row().id)
    assert evidence is not None
    for part in evidence.facts["notice"]:
        prompt = stage.prompt("support", "en", part["id"])
        assert (part["text"], part["sha256"]) == (prompt.text, prompt.audio_sha256)
    assert len(evidence.facts["notice"]) >= 2


@pytest.mark.parametrize(
    ("after", "ending"),
    [
        (0.0, "hung_up_in_statement"),
        (1.0, "hung_up_in_statement"),
        (SECONDS["statement"] + 1, "hung_up_in_question"),
        (NOTICE + 1, "hung_up_in_waiting"),
        (NOTICE + SILENCE + 1, "ended_unanswered"),
    ],
)
async def test_hanging_up_at_any_moment(stage: Stage, after: float, ending: str) -> None:
    """Whoever hangs up leaves a named end, no recording, no number, and nothing in memory."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(after)
    await stage.over(here)

    row = stage.row()
    assert row.ending == ending
    assert row.caller_sealed is None
    assert row.recording is None or stage.recording().state is State.ERASED
    assert stage.spool.recordings() == []
    assert nothing_is_kept(stage)


async def test_hanging_up_while_confirming(stage: Stage) -> None:
    """What was prepared for a caller who hangs up before being passed on is erased."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(NOTICE + 1)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(0.5)
    await stage.over(here)

    assert stage.row().ending == "hung_up_in_confirming"
    assert stage.recording().state is State.ERASED


async def test_a_call_nobody_answers_leaves_no_recording(stage: Stage) -> None:
    """A recording in which nothing was captured is erased when the call ends."""
    here = await stage.agreed()
    await asyncio.sleep(20)
    await stage.over(here)

    assert stage.recording().state is State.ERASED
    assert list(stage.vault.names()) == []


@pytest.mark.parametrize("line", ["shadow", "nowhere"])
async def test_lines_that_ask_nothing(stage: Stage, line: str) -> None:
    """A shadow line, and one that the policy does not have, pass every call on at once, unheard."""
    here = stage.asterisk.arrive(line)
    await asyncio.sleep(0.01)

    assert not here.in_stasis and not here.up
    assert told(here) == ("shadow" if line == "shadow" else "unavailable", "off")
    assert ("unknown-line" in stage.alarms()) == (line == "nowhere")


async def test_withdrawing_in_the_talk(stage: Stage) -> None:
    """A withdrawal ends capture and destroys the keys while the call goes on; the caller is told so."""
    here, _ = await stage.talking()
    await asyncio.sleep(12)
    stage.sealing.tick()
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(0.1)

    (capture,) = here.captures.values()
    assert not capture.running
    assert here.whispered == ["sound:withdrawn"]
    assert stage.recording().state is State.ERASED
    assert stage.register.keys(stage.recording().id) == []
    assert (list(stage.vault.names()), stage.spool.recordings()) == ([], [])
    await stage.over(here)
    assert stage.row().ending == "ended_after_talk"


async def test_withdrawing_while_a_hold_stands(stage: Stage) -> None:
    """What is held stops at once, is sealed to its end and restricted; the caller hears only what is so."""
    here, _ = await stage.talking()
    await asyncio.sleep(12.3)
    stage.sealing.tick()
    recording, now = stage.recording().id, stage.clock.now()
    said = {"case": "A 1", "ground": HoldGround.LEGAL_CLAIMS, "why": "sued", "by": "cli:anna"}
    holds = Holds(stage.register, lambda: stage.policy, stage.clock)
    hold = holds.place([recording], **said, until=now + timedelta(days=9))  # type: ignore[arg-type]
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(0.1)

    (capture,) = here.captures.values()
    assert not capture.running
    assert here.whispered == ["sound:stopped"]
    assert (stage.recording().state, stage.recording().restricted) == (State.ERASING, True)
    assert stage.recording().frames >= 12 * 8000
    assert stage.register.keys(recording) and list(stage.vault.names()) == [recording]
    assert stage.spool.recordings() == []
    await stage.over(here)

    holds.lift(hold.id, "cli:anna")
    stage.erasure.tick()
    assert stage.recording().state is State.ERASED
    assert stage.register.keys(recording) == [] and list(stage.vault.names()) == []


async def test_withdrawing_with_a_grace(stage: Stage) -> None:
    """With a grace the recording is locked at once, and its keys are destroyed after it, not before."""
    here, _ = await stage.talking("slow")
    await asyncio.sleep(3)
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(1)
    await stage.over(here)

    assert here.whispered == ["sound:withdrawn_later"]
    assert stage.recording().restricted
    assert stage.register.keys(stage.recording().id)
    await asyncio.sleep(60)
    stage.erasure.tick()
    assert stage.recording().state is State.ERASED


async def test_withdrawing_where_a_law_demands_the_recording(stage: Stage) -> None:
    """What the law demands goes on being recorded, for that purpose alone, and the caller is told so."""
    here, _ = await stage.talking("trading")
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(3)
    await stage.over(here)

    assert here.whispered == ["sound:withdrawn_kept"]
    assert stage.recording().state is State.SEALED
    living = [t.purpose for t in stage.register.terms(stage.recording().id) if t.ended_by != "withdrawn"]
    assert living == ["orders"]


@pytest.mark.parametrize("quiet", [False, True])
async def test_withdrawing_while_it_rings(stage: Stage, quiet: bool) -> None:
    """A withdrawal before anybody has answered counts, is confirmed at once, again if nobody heard it."""
    here = await stage.agreed()
    here.silent = quiet
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(5)
    assert here.whispered == ["sound:withdrawn"]
    here.silent = False
    stage.asterisk.join("b", stage.asterisk.agent(ANNA), here)
    await asyncio.sleep(1)

    assert here.whispered == ["sound:withdrawn"] * (2 if quiet else 1)
    assert stage.legs() == b""
    assert stage.recording().state is State.ERASED


@pytest.mark.parametrize("after", [1.0, 8.0, 11.5, 14.5])
async def test_a_fax_is_nobody_to_tell_and_nothing_to_record(stage: Stage, after: float) -> None:
    """A fax machine that is heard at any moment before the talk leaves a call named so, and no alarm."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(after)
    fax = here.in_stasis
    stage.asterisk.fax(here)
    await asyncio.sleep(1)

    assert fax == (stage.row().choice == "fax")
    if fax:
        assert here.variables["GDPR_CHOICE"] == "fax" and stage.legs() == b""
        assert not any(capture.running for capture in here.captures.values())
    await stage.over(here)
    assert stage.register.alarms() == [] and nothing_is_kept(stage)


async def test_nothing_is_kept_of_calls_that_have_ended(stage: Stage) -> None:
    """Memory holds the calls that live, whatever was told of others, twice or too late."""
    for line in ("sales", "support", "shadow", "trading"):
        here, agent = await stage.talking(line) if line != "shadow" else (stage.asterisk.arrive(line), None)
        for told_late in (here, agent):
            if told_late is not None:
                stage.asterisk.hold(told_late, True)
        await stage.over(here)
        if agent is not None:
            stage.asterisk.hang_up(agent)
        stage.calls.hung_up(here.id)
        stage.calls.key_pressed(here.id, "1")
        stage.calls.left_notice(here.id)
        stage.calls.prompt_ended(f"{stage.row().id}-3", True)
        stage.calls.left_bridge(here.id)
    assert nothing_is_kept(stage)


def nothing_is_kept(stage: Stage) -> bool:
    """Whether the node's memory is as it was before the first call."""
    calls = stage.calls
    there, ours = calls._presence, calls._roster
    kept = (ours.channels, ours._by_id, calls._tasks, there._told, there._held, there._bridges.where)
    return not any(kept) and calls.alive == 0


async def test_only_what_was_cleared_is_in_the_legs(stage: Stage, tmp_path: Path) -> None:
    """The bytes that MixMonitor was let write are those of the talk with a cleared agent."""
    await stage.talking("support")
    assert LOUD not in stage.legs()
    await asyncio.sleep(1)
    stage.asterisk.leave(next(iter(stage.asterisk.channels.values())))

    assert stage.legs().count(LOUD) >= 8000


async def test_what_the_dialplan_calls_a_call_finds_it(stage: Stage) -> None:
    """A reference that the dialplan has set leads to a recorded call, and one that is none harms no call."""
    for said, found in (("T-4711", 1), ("two words", 0), ("", 0)):
        here = stage.asterisk.arrive("sales")
        here.variables["GDPR_REFERENCE"] = said
        await asyncio.sleep(SECONDS["statement"] + SECONDS["question-1"] + 0.5)
        stage.asterisk.press(here, "1")
        await asyncio.sleep(SILENCE)
        assert here.variables["GDPR_RECORDING"] == "on"
        assert len(stage.register.calls_of_reference(said.casefold().encode())) == found
        await stage.over(here)


async def test_what_the_dialplan_says_in_the_talk_finds_the_call(stage: Stage) -> None:
    """What is said in the talk takes the place of what was said before; no reference changes nothing."""
    here, _ = await stage.talking("support")
    found = stage.register.calls_of_reference
    for said, first, second in (("T-1", 1, 0), ("two words", 1, 0), ("T-2", 0, 1), ("", 0, 1)):
        stage.asterisk.refer(here, said)
        await asyncio.sleep(0.1)
        assert (len(found(b"t-1")), len(found(b"t-2"))) == (first, second)
    await stage.over(here)
    assert stage.register.alarms() == []


async def test_of_a_call_that_is_not_recorded_no_reference_is_kept(stage: Stage) -> None:
    """What another system calls a call leads to recordings, and to nothing where the caller has refused."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(SECONDS["statement"] + SECONDS["question-1"] + 0.5)
    stage.asterisk.press(here, "2")
    await asyncio.sleep(SILENCE)
    stage.asterisk.refer(here, "T-1")
    await stage.over(here)

    assert stage.register.calls_of_reference(b"t-1") == []
