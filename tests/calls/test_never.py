"""Calls that are never recorded, as stories: by number, by none, and by what the law demands all the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from asterisk_gdpr.core.never import EVERY_LINE, NeverEntry, NeverList
from asterisk_gdpr.core.policy import Withheld
from tests.calls.stage import NOON, POLICY, Stage

pytestmark = pytest.mark.looptime

LISTED = "+4930123456"


def list_number(stage: Stage, line: str = EVERY_LINE) -> None:
    """Put a number on the never list."""
    entry = NeverEntry("n1", line, b"index", b"sealed", "e1", "person", NOON, NOON)
    listed = NeverList([entry], lambda number: b"index" if number == LISTED else None)
    stage.calls.now_in_force(replace(stage.calls.in_force, never=listed))


async def test_a_number_on_the_never_list_is_connected_at_once(stage: Stage) -> None:
    """It hears nothing of us, the dialplan is told why, and nothing is recorded."""
    list_number(stage)
    here = stage.asterisk.arrive("sales", number=LISTED)
    await asyncio.sleep(0.1)

    assert not here.in_stasis and not here.played and not here.up
    assert here.variables["GDPR_CHOICE"] == "never" and here.variables["GDPR_RECORDING"] == "off"
    assert stage.row().choice == "never" and stage.row().recording is None


async def test_the_never_list_may_be_for_one_line(stage: Stage) -> None:
    """On other lines the number is told and asked as any other."""
    list_number(stage, "support")
    here = stage.asterisk.arrive("sales", number=LISTED)
    await asyncio.sleep(1)

    assert here.in_stasis and here.played


async def test_what_the_law_demands_no_list_forbids(stage: Stage) -> None:
    """A line with a purpose that the law demands gives its notice whoever calls."""
    list_number(stage)
    here = stage.asterisk.arrive("trading", number=LISTED)
    await asyncio.sleep(1)

    assert here.in_stasis and here.played


async def test_a_withheld_number_may_be_never_recorded(stage: Stage) -> None:
    """Where the line says so, who shows no number is connected at once; elsewhere they are asked."""
    lines = {**POLICY.lines, "sales": replace(POLICY.lines["sales"], withheld=Withheld.NEVER)}
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=replace(POLICY, lines=lines)))
    hidden = stage.asterisk.arrive("sales", number="anonymous")
    shown = stage.asterisk.arrive("sales")
    elsewhere = stage.asterisk.arrive("support", number="anonymous")
    await asyncio.sleep(1)

    assert hidden.variables["GDPR_CHOICE"] == "never" and not hidden.played
    assert shown.played and elsewhere.played
