"""A house for each test."""

from __future__ import annotations

import pytest

from tests.playback.world import World


@pytest.fixture
def world() -> World:
    """One sealed recording, `rsales001`, and an unlocked vault."""
    made = World()
    made.seal("sales001", purposes=("quality", "disputes"))
    made.unlock()
    return made
