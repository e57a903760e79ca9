"""The document cannot drift from the tables."""

from __future__ import annotations

import re
from pathlib import Path

from asterisk_gdpr.adapters.register.tables import metadata

document = (Path(__file__).parents[2] / "docs" / "register.md").read_text(encoding="utf-8")


def test_every_table_is_documented() -> None:
    """Every table has its line in the document: what in it is personal data, and when that goes."""
    section = document.split("## 2.")[1].split("## 3.")[0]

    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(metadata.tables)
