"""What `make bench` measures is what docs/figures.md says of it."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asterisk_gdpr.errors import Misuse
from bench.__main__ import FIGURES, chosen
from bench.registers import CALLS_OF_ONE, DAYS, Filling

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/figures.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `make bench WHAT=(\w+)` \| (.+?) \| (.+?) \| [≤≥]", re.MULTILINE)


def constants(name: str) -> dict[str, str]:
    """The texts that a figure's module gives names to, without importing it."""
    tree = ast.parse((ROOT / "bench" / f"{name}.py").read_text(encoding="utf-8"))
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def test_the_page_names_every_figure_with_its_rival() -> None:
    """Each figure stands in the page with its command, its title and its rival, in order."""
    told = {name: (title, rival) for name, title, rival in _ROW.findall(PAGE.replace("\\|", "|"))}
    assert tuple(told) == FIGURES
    for name in FIGURES:
        named = constants(name)
        assert told[name] == (named["TITLE"], named["RIVAL"])


def test_a_figure_that_is_none_is_refused() -> None:
    """A name that is no figure is refused before anything is measured."""
    with pytest.raises(Misuse):
        chosen("notice,nonsense")


def test_an_archive_is_spread_over_its_days() -> None:
    """However many recordings there are, they cover the same days, and callers have as many each."""
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for count in (1_000, 20_000):
        filling = Filling(count, now, lambda call, number: b"", lambda number: b"")
        assert filling.begun_at(0) == now - timedelta(days=DAYS)
        assert now - timedelta(days=1) < filling.begun_at(count - 1) < now
        numbers = [filling.number(index) for index in range(count)]
        assert {numbers.count(number) for number in numbers[:3]} == {CALLS_OF_ONE}
        assert count - 1 in filling.looked_at()
