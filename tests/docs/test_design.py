"""docs/design.md and the code say the same."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import CHECKOUT
from tools.call_diagram import diagrams

DESIGN = (CHECKOUT / "docs/design.md").read_text(encoding="utf-8")


@pytest.mark.thorough
def test_the_diagrams_are_those_of_the_machine() -> None:
    """The diagrams in the design are what walking the call machine draws."""
    drawn = DESIGN.split("<!-- diagrams: begin -->\n")[1].split("\n<!-- diagrams: end -->")[0]

    assert diagrams() == drawn


def test_every_test_that_is_named_exists() -> None:
    """A law names the test that holds it, and that test is there."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in CHECKOUT.glob("tests/**/test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", written))

    assert set(re.findall(r"`(test_\w+)`", DESIGN)) - there == set()


def test_every_invariant_names_its_test_or_says_that_it_has_none() -> None:
    """The invariants are numbered from 1 to 12, and each says what holds it."""
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", DESIGN, flags=re.MULTILINE)

    assert [int(number) for number, _ in rows] == list(range(1, 13))
    assert all("`test_" in held or "not held" in held for _, held in rows)
