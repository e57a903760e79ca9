"""docs/compliance.md: a row for each article, with the test that shows it, or whose task it is."""

from __future__ import annotations

import ast
import re

from tests.docs.pages import CHECKOUT

TEXT = (CHECKOUT / "docs/compliance.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| article", "| rule"))
]
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
ARTICLES = (
    *(
        "5(1)(b)",
        "5(1)(c)",
        "5(1)(e)",
        "5(1)(f)",
        "5(2)",
        "6",
        "7(1)",
        "7(3)",
        "9",
        "12",
        "13",
        "14",
        "15",
        "16",
    ),
    *("17", "18", "19", "20", "21", "22", "25", "28", "30", "32", "33", "34(3)(a)", "35", "ePrivacy 5"),
)
"""Whatever asks something of a recording, of the GDPR and beside it."""


def test_each_article_has_its_row() -> None:
    """Every article that asks something of a recording has a row, where law tells so by its paragraph."""
    named = [row[0] for row in ROWS]

    assert [
        each
        for each in ARTICLES
        if not any(re.match(rf"{re.escape(each)}\b|{re.escape(each)} ", row) for row in named)
    ] == []
    known = {re.match(r"(ePrivacy )?\d+", each)[0] for each in ARTICLES}  # type: ignore[index]
    assert {found[0] for row in named if (found := re.match(r"(ePrivacy )?\d+", row))} == known


def test_each_row_names_a_test_or_the_controller() -> None:
    """What is claimed is shown by tests that exist and say a law; what is not ours is the controller's."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in CHECKOUT.glob("tests/**/test_*.py")]
    functions = [each for tree in trees for each in ast.walk(tree) if isinstance(each, FUNCTION)]
    laws = {each.name for each in functions if ast.get_docstring(each)}
    for article, done, shown, theirs in ROWS:
        tests = set(re.findall(r"`(test_\w+)`", shown))
        assert tests <= laws, (article, tests - laws)
        assert tests or not done, f"{article}: what is done is shown by no test"
        assert done or theirs.startswith("controller: "), article
        assert not theirs or theirs.startswith("controller: "), article


def test_nothing_is_called_what_only_a_court_can_say() -> None:
    """No page calls this software or a recording compliant."""
    assert "compliant" not in TEXT.lower()
