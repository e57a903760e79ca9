"""The documentation of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.cli.reference import BEGIN, DOCUMENT, reference

SOURCES = Path(__file__).parents[2] / "asterisk_gdpr"


def test_every_command_is_documented_as_it_is() -> None:
    """docs/cli.md lists every command with its options and defaults, and no other."""
    _, begin, listed = DOCUMENT.read_text("utf-8").partition(BEGIN)

    assert begin + listed == reference()


def test_every_finding_is_documented() -> None:
    """docs/cli.md lists the id of every finding of check."""
    listed = set(re.findall(r"`([a-z-]+)`", DOCUMENT.read_text("utf-8").partition(BEGIN)[0]))

    assert set(_ids()) - listed == set()


def _ids() -> Iterator[str]:
    """The ids of findings that stand in the code as they are."""
    for file in [*(SOURCES / "service/checks").glob("*.py"), SOURCES / "bootstrap/checkup.py"]:
        yield from re.findall(r'\b(?:error|warning|not_examined)\(\s*"([a-z-]+)"', file.read_text("utf-8"))
