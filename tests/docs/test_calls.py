"""docs/calls.md and the live tests say the same."""

from __future__ import annotations

import re

from tests.docs.pages import CHECKOUT

CALLS = (CHECKOUT / "docs/calls.md").read_text(encoding="utf-8")
LIVE, PLAYED = CALLS.split("\n## In made-up time\n")


def rows(text: str) -> list[list[str]]:
    """The rows of its tables, as cells."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| situation")
    ]


def names_in(folders: str) -> set[str]:
    """The tests that are there."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in CHECKOUT.glob(f"{folders}/test_*.py"))
    return set(re.findall(r"def (test_\w+)\(", written))


def test_every_situation_names_a_live_test_that_exists() -> None:
    """A row has its five cells filled, and the last names tests that a real Asterisk is asked by."""
    _are_whole(rows(LIVE), names_in("tests/live"))


def test_every_situation_in_made_up_time_names_a_test_that_exists() -> None:
    """The same, of those that no phone can bring about."""
    _are_whole(rows(PLAYED), names_in("tests/c*"))


def _are_whole(table: list[list[str]], there: set[str]) -> None:
    assert table
    for row in table:
        assert len(row) == 5 and all(row), row
        named = set(re.findall(r"`(test_\w+)`", row[4]))
        assert named and named <= there, row[4]


def test_no_situation_stands_twice() -> None:
    """Each situation has one row."""
    situations = [row[0] for row in rows(CALLS)]

    assert len(situations) == len(set(situations))
