"""Calls within the house, as stories: who they are, and by which line they are treated."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from asterisk_gdpr.core.policy import Direction, Internal
from asterisk_gdpr.ports import Way
from tests.calls.stage import ANNA, BEN, POLICY, Stage

pytestmark = pytest.mark.looptime

FROM_ANNA = f"{ANNA}-00000001"


def of_the_house(stage: Stage, internal: Internal) -> None:
    """The policy, with these calls within the house."""
    policy = replace(POLICY, internal=internal)
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=policy))


@pytest.mark.parametrize("name", [FROM_ANNA, "PJSIP/214-00000001"])
async def test_colleagues_are_not_told_and_not_recorded(stage: Stage, name: str) -> None:
    """A call from an agent's endpoint, or one that the policy names, is connected at once, unrecorded."""
    of_the_house(stage, Internal(("PJSIP/2*",)))
    here = stage.asterisk.arrive("sales", name=name)
    await asyncio.sleep(0.1)

    assert not here.in_stasis and not here.played and not here.up
    assert here.variables["GDPR_CHOICE"] == "exempt" and here.variables["GDPR_RECORDING"] == "off"
    assert stage.row().choice == "exempt" and stage.row().recording is None


@pytest.mark.parametrize("name", ["PJSIP/trunk-00000001", "PJSIP/annabel-00000001", ""])
async def test_whoever_is_not_of_the_house_is_asked(stage: Stage, name: str) -> None:
    """Only the house's own endpoints are internal; a like name is none of them."""
    of_the_house(stage, Internal(("PJSIP/2*",)))
    here = stage.asterisk.arrive("sales", name=name)
    await asyncio.sleep(1)

    assert here.in_stasis and here.played


async def test_calls_within_the_house_may_have_a_line(stage: Stage) -> None:
    """Where the policy names their line, they are told and asked by its rules, and found under its name."""
    of_the_house(stage, Internal(line="support"))
    here = stage.asterisk.arrive("sales", name=FROM_ANNA)
    await asyncio.sleep(14)

    assert here.variables["GDPR_CHOICE"] == "not_objected"
    assert stage.row().line == "support"


async def test_what_the_law_demands_is_recorded_within_the_house_too(stage: Stage) -> None:
    """A duty to record does not end at the house's door, unless the controller names a line."""
    here = stage.asterisk.arrive("trading", name=FROM_ANNA)
    await asyncio.sleep(1)

    assert here.in_stasis and here.played


async def test_who_has_left_is_not_of_the_house(stage: Stage) -> None:
    """An endpoint whose agent was removed is nobody's any more."""
    stage.calls.now_in_force(stage.in_force({ANNA: "removed"}))
    here = stage.asterisk.arrive("sales", name=FROM_ANNA)
    await asyncio.sleep(1)

    assert here.in_stasis and here.played


@pytest.mark.parametrize(("endpoint", "told"), [(BEN, False), (f"{BEN}@trunk", True)])
async def test_outbound_the_one_who_is_called_counts(stage: Stage, endpoint: str, told: bool) -> None:
    """A colleague who is called is not told; a number that is called by a trunk is, whoever calls it."""
    lines = {**POLICY.lines, "support": replace(POLICY.lines["support"], direction=Direction.OUTBOUND)}
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=replace(POLICY, lines=lines)))
    stage.asterisk.endpoints = {BEN: 1.0, f"{BEN}@trunk": 1.0}
    stage.asterisk.arrive("support", way=Way.CONNECT, endpoint=endpoint, seconds=20, name=FROM_ANNA)
    await asyncio.sleep(2)

    leg = stage.asterisk.channels[f"{stage.row().id}-leg01"]
    assert bool(leg.played) is told and bool(leg.bridge) is not told
