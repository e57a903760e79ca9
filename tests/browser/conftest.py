"""A real Chromium, and a house full of work whose page it opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import stage
from tests.web.house import House


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One browser for all."""
    with stage.browser() as made:
        yield made


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house full of work."""
    return stage.full(House, tmp_path / "prompts")


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """Where its page is."""
    with stage.served(house) as made:
        yield made
