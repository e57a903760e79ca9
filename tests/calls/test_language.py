"""Stories of the notice's language."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.calls.stage import POLICY, SECONDS, Stage

pytestmark = pytest.mark.looptime


@pytest.mark.parametrize(
    ("number", "channel", "heard"),
    [
        ("+4930123456", "de_AT", "de"),
        ("+4930123456", "it", "de"),
        ("+4930123456", "en", "en"),
        ("+33612345678", "it", "en"),
        ("", "", "en"),
    ],
)
async def test_a_caller_hears_a_language_of_the_line(
    stage: Stage, number: str, channel: str, heard: str
) -> None:
    """The channel's language is heard, else the country's, else the line's first; the register says which."""
    here = stage.asterisk.arrive("sales", number=number, language=channel)
    await asyncio.sleep(0.5)

    assert stage.row().language == heard
    stage.asterisk.hang_up(here)


async def test_a_dialled_number_may_have_a_language(stage: Stage) -> None:
    """However the trunk writes the number, the policy's word for it is spoken."""
    lines = {**POLICY.lines, "sales": replace(POLICY.lines["sales"], dialled={"+49 30 99887766": "de"})}
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=replace(POLICY, lines=lines)))
    here = stage.asterisk.arrive("sales", number="+33612345678", dialled="+493099887766")
    await asyncio.sleep(0.5)

    assert stage.row().language == "de"
    stage.asterisk.hang_up(here)


async def test_a_key_in_the_notice_leads_to_the_next_language(stage: Stage) -> None:
    """The notice begins anew in it, and what was heard in the other one proves nothing."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(SECONDS["statement"] + 1)
    stage.asterisk.press(here, "3")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "1")
    await asyncio.sleep(1)
    assert here.in_stasis, "an early agreement waits for the statement in the language that is spoken now"
    await asyncio.sleep(SECONDS["statement"] + 2)

    assert here.played == ["sound:statement", "sound:question-1", "sound:statement", "sound:agreed"]
    evidence = stage.register.evidence(stage.row().id)
    assert evidence is not None and evidence.facts["language"] == "de"
    stage.asterisk.hang_up(here)


async def test_without_another_language_the_key_means_nothing(stage: Stage) -> None:
    """On a line that speaks one language the notice goes on."""
    lines = {**POLICY.lines, "sales": replace(POLICY.lines["sales"], languages=("en",))}
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=replace(POLICY, lines=lines)))
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(1)
    stage.asterisk.press(here, "3")
    await asyncio.sleep(1)

    assert here.played == ["sound:statement"]
    stage.asterisk.hang_up(here)
