"""What commands print: JSON for programs, short lines and tables for people."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from asterisk_gdpr.core.times import to_text

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def print_json(value: object) -> None:
    """Print a value as JSON: words of the design in snake_case, times in UTC, durations in seconds."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: object) -> Any:
    """A value as JSON knows it; bytes have no place in what is printed."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    match value:
        case datetime():
            return to_text(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Path() | str():
            return str(value)
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case set() | frozenset():
            return sorted(plain(each) for each in value)
        case list() | tuple():
            return [plain(each) for each in value]
        case None | bool() | int() | float():
            return value
    raise TypeError(f"{type(value).__name__} is not printed")


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """Print rows in columns, or one sentence when there are none."""
    if not rows:
        typer.echo(empty)
        return
    lines = [list(head), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())


def print_facts(facts: Mapping[str, object]) -> None:
    """Print a thing's facts, one a line."""
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        typer.echo(f"{name.ljust(width)}  {shown(value)}".rstrip())


def shown(value: object) -> str:
    """A value on a screen: what came from outside must not steer the terminal."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(each) for each in value) or "-"
    return "".join("�" if unicodedata.category(sign) in ("Cc", "Cf") else sign for sign in str(value))


def local(installation: Installation, at: datetime | None) -> str:
    """A time as people read it, in the zone of the installation."""
    return "-" if at is None else at.astimezone(installation.zone).strftime("%Y-%m-%d %H:%M:%S")
