"""A node on a stage, for each story."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.calls.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> Stage:
    """A node with nothing in it."""
    return Stage(tmp_path)
