"""Stories of the notice's language."""

from __future__ import annotations

import asyncio

import pytest

from tests.calls.stage import Stage

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
