"""The project's own documents as the tests read them: their prose, their code, and what they name."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

_SPAN = re.compile(r"`([^`]+)`")
_MARKER = re.compile(r"^\s*([-*]|\d+\.)\s+")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project, relative to the checkout; deleted ones are not there any more."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True, text=True
    )
    return tuple(path for name in listed.stdout.split("\0") if name and (path := CHECKOUT / name).is_file())


@cache
def documents() -> tuple[Path, ...]:
    """Every document in Markdown; what comes from elsewhere, and templates of letters, left out."""
    return tuple(
        path
        for path in tracked()
        if path.suffix == ".md"
        and "vendor" not in path.parts
        and not path.is_relative_to(CHECKOUT / "config")
    )


def name(path: Path) -> str:
    """A path as people call it."""
    return str(path.relative_to(CHECKOUT))


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of sentences, numbered, without markers of lists; code spans are made one word."""
    for number, line in _outside_code(path):
        if line.strip() and not line.lstrip().startswith(("|", "#", "<!--", "![", "[")):
            yield number, _SPAN.sub("code", _MARKER.sub("", line))


def code(path: Path) -> Iterator[str]:
    """Everything that is written as code: spans, fenced blocks and indented ones."""
    outside = dict(_outside_code(path))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if number in outside:
            yield from _SPAN.findall(line)
        else:
            yield line.strip()


def _outside_code(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are in no block of code, numbered."""
    fenced, after_blank = False, True
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            after_blank = False
        elif not fenced and not (after_blank and line.startswith("    ")):
            after_blank = not line.strip()
            yield number, line
