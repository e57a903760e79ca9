"""The words of the core are words that a manifest takes."""

from __future__ import annotations

import pytest

from asterisk_gdpr.core.agents import Why
from asterisk_gdpr.core.call.state import Outcome
from asterisk_gdpr.seal.shapes import WORD


@pytest.mark.parametrize("word", [*Why, *Outcome])
def test_every_reason_and_outcome_can_stand_in_a_manifest(word: str) -> None:
    """No word that the machine can come to keeps a recording from being closed."""
    assert WORD(str(word)) == ""
