"""docs/compliance.md: a row for each article, with the test that shows it, or whose task it is."""

from __future__ import annotations

import re

from tests.docs.pages import CHECKOUT

TEXT = (CHECKOUT / "docs/compliance.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| article", "| rule"))
]
ARTICLES = (5, 6, 7, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 25, 28, 30, 32, 33, 34, 35)


def test_each_article_has_its_row() -> None:
    """Every article that asks something of a recording has a row, and ePrivacy beside them."""
    named = {int(number) for row in ROWS for number in re.findall(r"^\d+", row[0])}

    assert named == set(ARTICLES)
    assert any(row[0].startswith("ePrivacy") for row in ROWS)


def test_each_row_names_a_test_or_the_controller() -> None:
    """What is claimed is shown by a test that exists; what is not ours is said to be the controller's."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in CHECKOUT.glob("tests/**/test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", written))
    for article, done, shown, theirs in ROWS:
        tests = set(re.findall(r"`(test_\w+)`", shown))
        assert tests <= there, article
        assert tests or "controller" in theirs, article
        assert bool(done) or not tests, article


def test_nothing_is_called_what_only_a_court_can_say() -> None:
    """No page calls this software or a recording compliant."""
    assert "compliant" not in TEXT.lower()
