"""Stories of commands that come from another process."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from asterisk_gdpr.ports import Command
from asterisk_gdpr.service.commands import STALE, TOO_LATE, Commands
from tests.calls.stage import NODE, Stage
from tests.calls.test_restart import capture_of

pytestmark = pytest.mark.looptime


async def test_a_wish_is_carried_out_and_answered(stage: Stage) -> None:
    """What is put down in the register is done at the next look, once, and what came of it stands there."""
    here, _ = await stage.talking("support")
    commands = Commands(stage.register, stage.calls.command, stage.clock, NODE)
    stage.register.ask(Command("w1", stage.row().id, "pause", stage.clock.now()), "cli:root")
    await commands.tick()
    await commands.tick()
    await asyncio.sleep(0.1)

    assert stage.register.command("w1").outcome == "paused"
    assert capture_of(here) == (True, True)


async def test_a_wish_that_nobody_waits_for_is_not_carried_out(stage: Stage) -> None:
    """A pause that comes too late would pause something else."""
    here, _ = await stage.talking("support")
    commands = Commands(stage.register, stage.calls.command, stage.clock, NODE)
    before = stage.clock.now() - timedelta(seconds=STALE + 1)
    stage.register.ask(Command("w1", stage.row().id, "pause", before), "cli:root")
    await commands.tick()
    await asyncio.sleep(0.1)

    assert stage.register.command("w1").outcome == TOO_LATE
    assert capture_of(here) == (True, False)
