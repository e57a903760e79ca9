"""docs/calls.md and the live tests say the same."""

from __future__ import annotations

import re

from tests.docs.pages import CHECKOUT

CALLS = (CHECKOUT / "docs/calls.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in CALLS.splitlines()
    if line.startswith("| ") and not line.startswith("| situation")
]


def test_every_situation_names_a_live_test_that_exists() -> None:
    """A row has its five cells filled, and the last names tests that a real Asterisk is asked by."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in CHECKOUT.glob("tests/live/test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", written))

    assert ROWS
    for row in ROWS:
        assert len(row) == 5 and all(row), row
        named = set(re.findall(r"`(test_\w+)`", row[4]))
        assert named and named <= there, row[4]


def test_no_situation_stands_twice() -> None:
    """Each situation has one row."""
    situations = [row[0] for row in ROWS]

    assert len(situations) == len(set(situations))
