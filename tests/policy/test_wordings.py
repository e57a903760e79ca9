"""Wordings as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_gdpr.config import load_wordings, shipped
from asterisk_gdpr.errors import ConfigFaults


def test_an_incomplete_wording_is_refused_with_all_that_it_lacks(tmp_path: Path) -> None:
    """A language that cannot say everything is not spoken at all."""
    text = (shipped() / "notices" / "en.yaml").read_text()
    (tmp_path / "en.yaml").write_text(
        text.replace("  stopped:", "  stoped:")
        .replace('"star"', '"star", "A": "a"')
        .replace("within {grace}", "within {time}")
        .replace("{count} days", "days")
        .replace("language: en", "language: fr")
    )

    with pytest.raises(ConfigFaults) as caught:
        load_wordings(tmp_path)

    assert sorted(fault.id for fault in caught.value.faults) == [
        "missing",
        "unknown-field",
        "unknown-field",
        "unknown-word",
        "unknown-word",
        "wrong-name",
    ]
