"""What people type: times, numbers, and files that must not be there yet."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.service.new_files import is_taken, make_folder, may_be_made, not_writable, write_new

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")]


def time_of(text: str, zone: ZoneInfo) -> datetime:
    """A time in UTC; one without its offset is local, and a day alone is its beginning.

    Raises Refused (`not-a-time`).
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{text!r} is not a time.",
            hint="Write 2026-11-23, 2026-11-23T14:05 (local) or 2026-11-23T13:05:00Z.",
            id="not-a-time",
        ) from None
    try:
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise Refused(f"{text!r} is outside what can be reckoned with.", id="not-a-time") from None


def index_of_caller(installation: Installation, number: str) -> bytes:
    """The blind index of a number; `-` reads it from standard input, where no process list shows it.

    Raises Refused (`not-a-number`), which does not repeat it.
    """
    return installation.library().index_of(typed(number))


def typed(text: str) -> str:
    """What was typed, or a line of standard input for `-`, where no process list shows it."""
    return sys.stdin.readline().strip() if text == "-" else text


def known_line(installation: Installation, line: str) -> str:
    """The name of a line of the policy; raises Refused (`no-such-line`)."""
    lines = installation.policy().lines
    if line not in lines:
        raise Refused(
            f"There is no line {line!r} in the policy.",
            hint=f"There are: {', '.join(sorted(lines))}.",
            id="no-such-line",
        )
    return line


def text_from(path: Path) -> str:
    """What a person wrote into a file, or into standard input (`-`); raises Refused (`no-file`)."""
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Refused(f"The file {path} cannot be read as text.", id="no-file") from None


def new_file(path: Path) -> None:
    """Refuse a name that is taken (`file-exists`) or where none can be made (`not-writable`), before all."""
    if is_taken(path):
        raise _taken(path)
    if not may_be_made(path):
        raise not_writable(path)


def write_for_person(path: Path, data: bytes) -> None:
    """Write a file that a person asked for: mode 0600, and never over another one."""
    if not write_new(path, data, 0o600):
        raise _taken(path)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder (0700) with these files (0600), all of them or none; a kill leaves `NAME.unfinished`.

    What an earlier one left by that name is removed: it is of no use, and may hold sound.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        if not make_folder(unfinished, 0o700):
            raise not_writable(unfinished)
        for name, data in files.items():
            write_for_person(unfinished / name, data)
        if is_taken(path):
            raise _taken(path)
        unfinished.rename(path)
    except GdprError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _taken(path: Path) -> Refused:
    return Refused(f"{path} is there already.", hint="Choose another name.", id="file-exists")
