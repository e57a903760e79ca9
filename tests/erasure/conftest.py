"""The house of the erasure tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.erasure.stage import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house without recordings, its register in memory."""
    return House(tmp_path)
