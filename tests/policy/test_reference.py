"""The documentation of both files."""

from __future__ import annotations

import pytest

from asterisk_gdpr.config import shipped
from tests.policy.reference import SCHEMAS, rows


@pytest.mark.parametrize("file", SCHEMAS)
def test_every_field_is_documented_as_it_is(file: str) -> None:
    """`docs/policy.md` lists every field of a file with its meaning and default, and no other."""
    text = (shipped().parent / "docs" / "policy.md").read_text("utf-8")
    section = text.split(f"## `{file}`")[1].split("\n## ")[0]
    listed = [line for line in section.splitlines() if line.startswith("| `")]

    assert listed == list(rows(SCHEMAS[file]))
