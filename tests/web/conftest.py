"""A house for each test."""

from __future__ import annotations

import pytest

from tests.web.house import House


@pytest.fixture
def house() -> House:
    """One sealed recording, `rsales001`, and an unlocked vault."""
    made = House()
    made.seal("sales001", purposes=("quality", "disputes"))
    made.unlock()
    return made
