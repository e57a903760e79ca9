"""Stories of alarms that end by themselves: each ends with what it told of."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from asterisk_gdpr.errors import Unreachable
from tests.calls.stage import SECONDS, SILENCE, Stage

pytestmark = pytest.mark.looptime

NOTICE = SECONDS["statement"] + SECONDS["question-1"]


async def _one_call(stage: Stage, line: str = "support") -> None:
    here, _ = await stage.talking(line)
    await asyncio.sleep(1)
    await stage.over(here)


async def _failed_call(stage: Stage) -> None:
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(NOTICE + SILENCE + 3)
    await stage.over(here)


async def test_a_notice_that_is_heard_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm of a statement that failed ends when one is heard to its end, on that line alone."""
    seconds, SECONDS["statement"] = SECONDS["statement"], 0.0
    await _failed_call(stage)
    SECONDS["statement"] = seconds
    assert stage.alarms() == ["notice-failed"]
    await _one_call(stage, "slow")
    assert stage.alarms() == ["notice-failed"]
    await _one_call(stage)

    assert stage.alarms() == []


@pytest.mark.parametrize(
    ("method", "alarm"),
    [
        ("commit_choice", "choice-not-committed"),
        ("add_recording", "recording-not-prepared"),
        ("note_capture", "capture-failed"),
    ],
)
async def test_what_can_be_written_again(stage: Stage, method: str, alarm: str) -> None:
    """The alarm of a step that the register refused ends at the next call whose step it takes."""
    real = getattr(stage.register, method)

    def gone(*_args: Any, **_named: Any) -> None:
        raise Unreachable("The register does not answer.", id="register-unreachable")

    setattr(stage.register, method, gone)
    await _failed_call(stage)
    assert alarm in stage.alarms()
    setattr(stage.register, method, real)
    await _one_call(stage)

    assert stage.alarms() == []


async def test_a_withdrawal_that_is_written_in_the_end(stage: Stage) -> None:
    """The alarm of a withdrawal that could not be written ends when it is, and is about that call."""
    here, _ = await stage.talking()
    real, stage.erasure.withdraw = stage.erasure.withdraw, _unreachable  # type: ignore[method-assign]
    stage.asterisk.press(here, "*9")
    await asyncio.sleep(0.2)
    assert [(one.id, one.about) for one in stage.register.alarms()] == [
        ("withdrawal-not-committed", stage.row().id)
    ]
    stage.erasure.withdraw = real  # type: ignore[method-assign]
    await asyncio.sleep(5)

    assert stage.alarms() == []


def _unreachable(*_args: Any) -> None:
    raise Unreachable("The register does not answer.", id="register-unreachable")


async def _sealer(stage: Stage) -> None:
    """Looks and ticks as the daemon does."""
    while True:
        for _ in range(4):
            await asyncio.sleep(0.25)
            for here in stage.asterisk.channels.values():
                stage.asterisk._write(here)
            stage.sealing.look()
        stage.sealing.tick()


async def test_a_capture_that_writes_nothing(stage: Stage) -> None:
    """MixMonitor that says Success and writes nothing is an alarm within five seconds, until it writes."""
    here, agent = await stage.talking()
    (capture,) = here.captures.values()
    capture.running = False
    ticking = asyncio.create_task(_sealer(stage))
    await asyncio.sleep(5)
    assert [(one.id, one.about) for one in stage.register.alarms()] == [
        ("capture-writes-nothing", stage.recording().id)
    ]
    capture.running = True
    await asyncio.sleep(1.1)
    assert stage.alarms() == []
    capture.running = False
    await asyncio.sleep(5)
    stage.asterisk.hold(agent, True)
    await asyncio.sleep(1.1)

    assert stage.alarms() == ["capture-lost"]  # it could not be muted either, and was given up
    ticking.cancel()


async def test_a_capture_that_waits_is_no_fault(stage: Stage) -> None:
    """Nothing need be written while nobody is there, and a process that stood still has seen nothing."""
    here = await stage.agreed("support")
    ticking = asyncio.create_task(_sealer(stage))
    await asyncio.sleep(20)
    assert stage.alarms() == []
    stage.asterisk.join("b", stage.asterisk.agent("PJSIP/anna"), here)
    await asyncio.sleep(1)
    ticking.cancel()
    (capture,) = here.captures.values()
    capture.running = False
    await asyncio.sleep(60)
    stage.sealing.look()
    stage.sealing.tick()

    assert stage.alarms() == []
