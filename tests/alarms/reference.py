"""The table of alarms as `docs/cli.md` has it, from the alarms themselves.

`python -m tests.alarms.reference` writes it anew.
"""

from __future__ import annotations

from pathlib import Path

from asterisk_gdpr.core.alarms import KINDS

DOCUMENT = Path(__file__).parents[2] / "docs/cli.md"
BEGIN = "## Alarms\n"


def rows() -> list[str]:
    """A row for each alarm."""
    return [
        f"| `{id}` | {kind.about} | {kind.means} | {kind.ends or 'a person acknowledges it'} |"
        for id, kind in KINDS.items()
    ]


def listed() -> list[str]:
    """The rows that the document has."""
    section = DOCUMENT.read_text("utf-8").partition(BEGIN)[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


if __name__ == "__main__":
    text, old = DOCUMENT.read_text("utf-8"), "\n".join(listed())
    assert old in text
    DOCUMENT.write_text(text.replace(old, "\n".join(rows()), 1), "utf-8")
