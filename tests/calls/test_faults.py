"""Stories in which something fails: the call is passed on in time, and in doubt nothing is recorded."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Unreachable
from tests.calls.stage import ANNA, SECONDS, SILENCE, Stage
from tests.calls.test_choice import nothing_is_kept, told
from tests.fakes.exchange import LOUD, WATCHDOG, Channel

pytestmark = pytest.mark.looptime

NOTICE = SECONDS["statement"] + SECONDS["question-1"]
BOUND = 2.1
"""Seconds that a caller waits at most beyond the prompts and the time for a key."""


async def passed(here: Channel, within: float) -> bool:
    """Whether the call is in the dialplan again by then."""
    await asyncio.sleep(within)
    return not here.in_stasis


def away(stage: Stage, method: str) -> None:
    """Make one method of the register unreachable."""

    def gone(*_args: Any, **_named: Any) -> None:
        raise Unreachable("The register does not answer.", id="register-unreachable")

    setattr(stage.register, method, gone)


@pytest.mark.parametrize("method", ["add_call", "commit_choice", "add_recording", "note_capture"])
@pytest.mark.parametrize("line", ["sales", "support"])
async def test_a_register_that_is_away_at_any_step(stage: Stage, line: str, method: str) -> None:
    """Without a register at whichever step the call is passed on in time, unrecorded, with an alarm."""
    away(stage, method)
    here = stage.asterisk.arrive(line)
    await asyncio.sleep(NOTICE + 0.5)
    if line == "sales":
        stage.asterisk.press(here, "1")
    assert await passed(here, SILENCE + BOUND)

    assert here.variables["GDPR_RECORDING"] == "off"
    assert set(stage.alarms()) & {"choice-not-committed", "recording-not-prepared", "capture-failed"}
    stage.asterisk.join("b", stage.asterisk.agent(ANNA), here)
    await asyncio.sleep(3)
    assert LOUD not in stage.legs()
    await stage.over(here)
    assert (list(stage.vault.names()), stage.spool.recordings()) == ([], [])


async def test_a_register_that_is_away_for_the_whole_call(stage: Stage) -> None:
    """Without a register the call goes on, and nothing waits for it once the caller has gone."""
    stage.register.away = True
    here = stage.asterisk.arrive("support")
    assert await passed(here, NOTICE + SILENCE + BOUND)
    await stage.over(here)

    assert told(here) == ("unavailable", "off")
    assert nothing_is_kept(stage)


async def test_a_register_that_comes_back_learns_how_the_call_ended(stage: Stage) -> None:
    """The end of a call is written as soon as it can be, however long that takes."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(3)
    stage.register.away = True
    await stage.over(here)
    stage.register.away = False
    await asyncio.sleep(4)

    assert stage.row().ending == "ended_after_talk"
    assert stage.recording().state is State.SEALED
    assert nothing_is_kept(stage)


async def test_a_locked_register_delays_neither_prompts_nor_keys(stage: Stage) -> None:
    """While the register takes five seconds for everything, the notice goes its way, key by key."""
    stage.threads.delay = 5.0
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(0.01)
    assert here.played == ["sound:statement"]
    await asyncio.sleep(1)
    stage.asterisk.press(here, "7")
    await asyncio.sleep(0.01)
    assert here.played[-1:] == ["sound:statement"] and len(here.played) == 2
    stage.asterisk.press(here, "2")
    assert await passed(here, 0.01)
    assert told(here) == ("refused", "off")
    await asyncio.sleep(20)
    assert stage.said() == ["refused"]


async def test_a_locked_register_while_confirming(stage: Stage) -> None:
    """A choice that takes too long to write is overtaken by the watchdog, and nothing comes of it."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(NOTICE + 0.5)
    stage.threads.delay = 5.0
    stage.asterisk.press(here, "1")
    assert await passed(here, SECONDS["agreed"] + BOUND)

    assert told(here) == ("unavailable", "off")
    assert "taken-back" in stage.alarms() or await passed(here, 30)
    stage.threads.delay = 0.0
    await stage.over(here)
    assert stage.row().recording is None or stage.recording().state is State.ERASED


async def test_a_locked_register_never_delays_a_mute(stage: Stage) -> None:
    """Somebody who is not cleared joins while the register is locked: muted at once all the same."""
    here, _ = await stage.talking("support")
    stage.threads.delay = 5.0
    stage.asterisk.join("bridge-1", stage.asterisk.agent("PJSIP/carla"))
    await asyncio.sleep(0.01)

    (capture,) = here.captures.values()
    assert capture.muted


async def test_a_withdrawal_that_cannot_be_written(stage: Stage) -> None:
    """Capture ends at once; the caller hears no more than is certain; it is written when it can be."""
    here, _ = await stage.talking()
    await asyncio.sleep(2)
    stage.register.away = True
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(0.2)

    (capture,) = here.captures.values()
    assert not capture.running
    assert here.whispered == ["sound:stopped"]
    stage.register.away = False
    await asyncio.sleep(4)
    assert stage.recording().state is State.ERASED


@pytest.mark.parametrize("part", ["statement", "question-1", "agreed", "details"])
async def test_a_missing_prompt(stage: Stage, part: str) -> None:
    """A part of the notice that is missing stops the recording with an alarm, and never the call."""
    stage.missing.add(part)
    here = stage.asterisk.arrive("sales")
    if part == "details":
        stage.asterisk.press(here, "5")
    await asyncio.sleep(NOTICE + 0.1)
    stage.asterisk.press(here, "1")
    assert await passed(here, 0.1 if part != "details" else SECONDS["agreed"] + 0.1)

    heard = part in ("agreed", "details")  # these are no condition of a lawful recording
    assert told(here) == (("agreed", "on") if heard else ("unavailable", "off"))
    assert part == "agreed" or stage.alarms()


async def test_a_prompt_that_asterisk_cannot_play(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asterisk takes a file that is not there and tells at its end that it failed: that is no notice."""
    monkeypatch.setitem(SECONDS, "statement", 0.0)
    here = stage.asterisk.arrive("support")

    assert await passed(here, 0.1)
    assert told(here) == ("unavailable", "off")
    assert stage.alarms() == ["notice-failed"]


@pytest.mark.parametrize(
    ("fault", "alarm"), [("ami_away", "recording-not-prepared"), ("mute_refused", "capture-failed")]
)
async def test_mixmonitor_that_does_not_start(stage: Stage, fault: str, alarm: str) -> None:
    """Where nothing can be captured the choice stands, the call goes on, and the recording is erased."""
    setattr(stage.asterisk, fault, True)
    here = stage.asterisk.arrive("support")

    assert await passed(here, NOTICE + SILENCE + BOUND)
    assert told(here) == ("not_objected", "off")
    assert alarm in stage.alarms()
    stage.asterisk.ami_away = False
    await stage.over(here)
    assert stage.row().recording is None or stage.recording().state is State.ERASED


async def test_ami_lost_in_the_talk(stage: Stage) -> None:
    """A capture that cannot be muted any more is ended, and what was captured until then is sealed."""
    here, agent = await stage.talking("support")
    await asyncio.sleep(2)
    stage.asterisk.ami_away = True
    stage.calls.hold_changed(agent.id, True)
    await asyncio.sleep(1)

    assert stage.asterisk.stop_later == [(here.id, next(iter(here.captures)))]
    assert "capture-lost" in stage.alarms()
    await stage.over(here)
    assert stage.recording().state is State.SEALED


async def test_a_withdrawal_after_a_capture_was_lost(stage: Stage) -> None:
    """What was captured before something ended the capture is erased by `*9` at once, and not at a tick."""
    here, _ = await stage.talking("support")
    await asyncio.sleep(2)
    stage.calls.capture_ended(here.id)
    await asyncio.sleep(1)
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(1)

    assert stage.recording().state is State.ERASED and here.alive


async def test_ari_lost_in_the_notice(stage: Stage) -> None:
    """When we can neither speak nor hear, the dialplan takes the call back, after the prompt and a little."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(1)
    stage.asterisk.ari_away = True

    assert await passed(here, SECONDS["statement"] + BOUND)
    assert told(here) == ("unavailable", "off")
    stage.asterisk.reconnect()
    await stage.over(here)
    assert nothing_is_kept(stage)


async def test_silence_that_nobody_could_break_is_no_choice(stage: Stage) -> None:
    """If the wait for a key cannot be protected, its end is the watchdog's, and not an answer."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(NOTICE - 0.1)
    stage.asterisk.ari_away = True
    assert await passed(here, SILENCE + BOUND)
    stage.asterisk.reconnect()
    await stage.over(here)

    assert here.variables["GDPR_RECORDING"] == "off"
    assert stage.row().recording is None or stage.recording().state is State.ERASED


async def test_a_call_that_could_not_be_told_is_not_recorded(stage: Stage) -> None:
    """The dialplan that believes nothing is recorded is right, also when passing on failed halfway."""

    async def lost(channel: str, values: Mapping[str, str]) -> None:
        raise Unreachable("ARI does not answer.")

    stage.asterisk.set_variables = lost  # type: ignore[method-assign]  # one request of many is lost
    here = await stage.agreed("support")

    assert told(here) == ("unavailable", "off")
    (capture,) = here.captures.values()
    assert not capture.running


async def test_the_watchdog_takes_the_call_back(stage: Stage) -> None:
    """A call that the dialplan took back in the notice is unavailable, whatever comes later."""
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(1)
    stage.asterisk._leave_stasis(here)
    await asyncio.sleep(0.1)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(20)

    assert told(here) == ("unavailable", "off")
    assert stage.row().choice is None
    assert stage.alarms() == ["taken-back"]


@pytest.mark.parametrize("method", ["begin", "rearm_watchdog", "play", "start_muted", "set_muted"])
async def test_a_bug_towards_asterisk(stage: Stage, caplog: pytest.LogCaptureFixture, method: str) -> None:
    """A bug leaves no caller waiting: the call is passed on, capture ends, an alarm and a traceback tell."""

    async def bug(*_args: Any, **_more: Any) -> None:
        raise ZeroDivisionError

    setattr(stage.asterisk, method, bug)
    here = stage.asterisk.arrive("support")
    assert await passed(here, NOTICE + SILENCE + 0.1)
    stage.asterisk.join("b", stage.asterisk.agent(ANNA), here)
    await asyncio.sleep(2)

    assert LOUD not in stage.legs()
    assert "call-failed" in stage.alarms()
    assert "ZeroDivisionError" in caplog.text
    await stage.over(here)
    assert nothing_is_kept(stage)


@pytest.mark.parametrize("method", ["add_call", "commit_choice", "add_recording", "note_capture"])
async def test_a_bug_at_the_desk(stage: Stage, caplog: pytest.LogCaptureFixture, method: str) -> None:
    """A bug in what is written down leaves the call as a register that is away does."""

    def bug(*_args: Any) -> None:
        raise ZeroDivisionError

    setattr(stage.register, method, bug)
    here = stage.asterisk.arrive("support")
    assert await passed(here, NOTICE + SILENCE + 0.1)

    assert here.variables["GDPR_RECORDING"] == "off"
    assert "call-failed" in stage.alarms()
    assert "ZeroDivisionError" in caplog.text
    await stage.over(here)
    assert nothing_is_kept(stage)


async def test_a_flood_of_doubled_and_late_events(stage: Stage) -> None:
    """What is told twice, too late or of nobody changes nothing."""
    here = stage.asterisk.arrive("support")
    assert here.arrival is not None
    for _ in range(200):
        stage.calls.call_arrived(here.arrival)
        stage.calls.prompt_ended("nobody-1", True)
        stage.calls.prompt_ended("", True)
        stage.calls.key_pressed("nobody", "2")
        stage.calls.left_bridge("nobody")
    await asyncio.sleep(NOTICE + SILENCE + 0.1)
    assert len(stage.register.calls()) == 1
    agent = stage.asterisk.agent(ANNA)
    for _ in range(50):
        stage.asterisk.join("b", agent, here)
        stage.calls.left_notice(here.id)
        stage.calls.prompt_ended(f"{stage.row().id}-2", False)
    await asyncio.sleep(3)
    await stage.over(here)

    assert stage.recording().state is State.SEALED
    assert nothing_is_kept(stage)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(12))
async def test_events_in_any_order(stage: Stage, seed: int) -> None:
    """Doubled, late, lost, in the wrong order: the caller goes on, and only what was allowed is captured."""
    dice = random.Random(seed)
    stage.watch()
    here = stage.asterisk.arrive("support")
    agent = stage.asterisk.agent(ANNA)
    assert here.arrival is not None
    call = stage.row().id if stage.register.calls() else ""
    told: list[Callable[[], object]] = [
        lambda: stage.calls.call_arrived(here.arrival),  # type: ignore[arg-type]
        lambda: stage.calls.prompt_ended(f"{call}-{dice.randint(1, 4)}", dice.random() < 0.5),
        lambda: stage.calls.key_pressed(here.id, dice.choice("12573*94")),
        lambda: stage.calls.left_notice(here.id),
        lambda: stage.calls.entered_bridge(agent.id, "PJSIP/anna-1", "b"),
        lambda: stage.calls.entered_bridge(here.id, "PJSIP/trunk-1", "b"),
        lambda: stage.calls.left_bridge(dice.choice([here.id, agent.id])),
        lambda: stage.calls.hold_changed(agent.id, dice.random() < 0.5),
        lambda: stage.calls.channels_known(
            {here.id: here.arrival if here.in_stasis else None, agent.id: None}
        ),
        lambda: stage.calls.bridges_known([]),
        lambda: stage.calls.sight_lost(),
        lambda: stage.calls.fax_heard("nobody"),
        lambda: stage.calls.reference_said(
            dice.choice([here.id, "nobody"]), dice.choice(["T-1", "two words"])
        ),
    ]
    for _ in range(80):
        dice.choice(told)()
        await asyncio.sleep(dice.choice([0.0, 0.0, 0.01, 0.5]))
        call = stage.register.calls()[0].id if stage.register.calls() else call
    await asyncio.sleep(SECONDS["details"] + 2 * NOTICE + SILENCE + BOUND)
    assert not here.in_stasis, "nobody is kept in the notice"
    refused = {row.id for row in stage.register.calls() if row.choice == "refused"}
    for channel in (agent.id, here.id):
        stage.calls.left_bridge(channel)
        stage.calls.hung_up(channel)
    await stage.over(here)
    await asyncio.sleep(10)

    assert nothing_is_kept(stage)
    for row in stage.register.calls():
        assert row.ended_at is not None
        assert row.recording is None or row.id not in refused
    if len(refused) == len(stage.register.calls()):
        assert not any(capture.opened for capture in here.captures.values())


async def test_a_channel_that_comes_back_is_passed_on_at_once(stage: Stage) -> None:
    """A channel that runs into the notice again after its choice is neither asked again nor kept waiting."""
    here = await stage.agreed("support")
    assert here.arrival is not None
    here.in_stasis = True
    stage.calls.call_arrived(here.arrival)
    await asyncio.sleep(0.01)

    assert not here.in_stasis
    assert len(stage.register.calls()) == 1


async def test_a_caller_who_had_gone_before_we_heard_of_them(stage: Stage) -> None:
    """A hang-up that is told before the arrival ends the call all the same."""
    here = stage.asterisk.arrive("support")
    for actor in stage.calls._roster:
        stage.calls._roster.forget(actor)  # as if the arrival had come later
    here.alive = here.in_stasis = False
    assert here.arrival is not None
    stage.calls.call_arrived(here.arrival)
    await asyncio.sleep(1)

    assert stage.calls.alive == 0
    assert stage.row().ended_at is not None


class _Deaf:
    def __getattr__(self, _name: str) -> Any:
        return lambda *_args: None


async def test_an_app_that_says_nothing(stage: Stage) -> None:
    """The dialplan's own watchdog bounds what a call can wait for an app that has not even taken it."""
    stage.asterisk._to = _Deaf  # frozen: it hears nothing, and says nothing
    here = stage.asterisk.arrive("support")

    assert not await passed(here, WATCHDOG - 0.1)
    assert await passed(here, 0.2)
