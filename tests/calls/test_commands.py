"""Stories of commands that come from another process."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from asterisk_gdpr.core.call.state import Result, Verb
from asterisk_gdpr.ports import Agent, Command
from asterisk_gdpr.service.call.commands import STALE, TOO_LATE, Commands, ToCalls
from tests.calls.stage import NODE, Stage
from tests.calls.test_restart import capture_of

pytestmark = pytest.mark.looptime


def _commands(stage: Stage) -> Commands:
    to_calls = ToCalls(stage.calls.command, stage.register)
    return Commands(stage.register, to_calls.carry_out, stage.clock, NODE)


async def test_a_wish_is_carried_out_and_answered(stage: Stage) -> None:
    """What is put down in the register is done at the next look, once, and what came of it stands there."""
    here, _ = await stage.talking("support")
    commands = _commands(stage)
    stage.register.ask(Command("w1", stage.row().id, "pause", stage.clock.now()), "cli:root")
    await commands.tick()
    await commands.tick()
    await asyncio.sleep(0.1)

    assert stage.register.command("w1").outcome == "paused"
    assert capture_of(here) == (True, True)


async def test_a_wish_that_nobody_waits_for_is_not_carried_out(stage: Stage) -> None:
    """A pause that comes too late would pause something else."""
    here, _ = await stage.talking("support")
    commands = _commands(stage)
    before = stage.clock.now() - timedelta(seconds=STALE + 1)
    stage.register.ask(Command("w1", stage.row().id, "pause", before), "cli:root")
    await commands.tick()
    await asyncio.sleep(0.1)

    assert stage.register.command("w1").outcome == TOO_LATE
    assert capture_of(here) == (True, False)


async def test_only_who_is_in_the_register_of_agents_is_brought_in(stage: Stage) -> None:
    """A swap calls a registered agent, by our id; nobody has the PBX call whom they like."""
    asked: list[tuple[str, Verb, str]] = []

    async def calls(call: str, verb: Verb, endpoint: str) -> Result:
        asked.append((call, verb, endpoint))
        return Result.SWAPPED

    for id, endpoint, standing in (("a1", "PJSIP/ben", "withdrawn"), ("a2", "PJSIP/eve", "removed")):
        stage.register.put_agent(Agent(id, endpoint, standing, "1", stage.clock.now()))
    to_calls = ToCalls(calls, stage.register)

    assert await to_calls.carry_out("c1", "swap", "a1") == "swapped"
    for agent in ("a2", "PJSIP/ben", "PJSIP/0900123456@trunk", ""):
        assert await to_calls.carry_out("c1", "swap", agent) == "no_such_agent"
    assert asked == [("c1", Verb.SWAP, "PJSIP/ben")]


async def test_a_command_that_nobody_waits_for_any_more_harms_no_call(stage: Stage) -> None:
    """An answer that comes after the asker has gone goes nowhere; the recording goes on."""
    here, _ = await stage.talking("support")
    stage.threads.delay = 3
    waiting = asyncio.ensure_future(stage.calls.command(stage.row().id, Verb.WITHDRAW))
    await asyncio.sleep(1)
    waiting.cancel()
    await asyncio.sleep(9)

    assert here.alive and "call-failed" not in {alarm.id for alarm in stage.register.alarms()}
