"""docs/security.md: each guarantee is held by a test that exists."""

from __future__ import annotations

import re

from tests.docs.pages import CHECKOUT

PAGE = (CHECKOUT / "docs/security.md").read_text(encoding="utf-8")
WRITTEN = "\n".join(path.read_text(encoding="utf-8") for path in CHECKOUT.glob("tests/**/test_*.py"))


def test_every_test_that_the_security_document_names_exists() -> None:
    """No guarantee rests on a test that is not there."""
    there = set(re.findall(r"def (test_\w+)\(", WRITTEN))

    assert set(re.findall(r"`(test_\w+)`", PAGE)) - there == set()


def test_every_guarantee_is_numbered_and_names_its_test() -> None:
    """The guarantees are numbered from 1, and none is without a test."""
    section = PAGE.split("## 2.")[1].split("## 3.")[0]
    guarantees = re.findall(r"^(\d+)\. (.+)$", section, re.MULTILINE)

    assert [int(number) for number, _ in guarantees] == list(range(1, len(guarantees) + 1))
    assert len(guarantees) > 10
    assert all("`test_" in text for _, text in guarantees)


def test_everyone_whom_the_brief_of_a_thief_could_name_is_looked_at() -> None:
    """What each of the thefts that are to be feared comes to is said."""
    section = PAGE.split("## 3.")[1].split("## 4.")[0]
    feared = (
        "disk",
        "register",
        "bucket",
        "backup",
        "index key",
        "signing key",
        "PBX",
        "page's user",
        "listener",
        "escrow key",
    )

    assert [one for one in feared if not re.search(rf"^\*\.\.\. .*{one}.*\*", section, re.MULTILINE)] == []
