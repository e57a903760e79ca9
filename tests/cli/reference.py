"""Every command as `docs/cli.md` lists it, from the commands themselves.

`python -m tests.cli.reference` writes the document's reference anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from typer.main import get_command

from asterisk_gdpr.cli.app import app

DOCUMENT = Path(__file__).parents[2] / "docs" / "cli.md"
BEGIN = "## Every command\n"


def reference() -> str:
    """The part of the document that begins with `BEGIN`."""
    return "\n".join([BEGIN, *_lines(get_command(app), "asterisk-gdpr")])


def _lines(command: Any, name: str) -> Iterator[str]:
    for child, found in getattr(command, "commands", {}).items():
        yield from _lines(found, f"{name} {child}")
    if hasattr(command, "commands"):
        return
    arguments = [f" {_argument(each)}" for each in command.params if each.param_type_name == "argument"]
    yield f"### `{name}{''.join(arguments)}`\n"
    yield from (_sentences(" ".join(text.split())) for text in command.help.split("\n\n"))
    rows = [_row(each) for each in command.params if each.param_type_name == "option" and each.name != "help"]
    if rows:
        yield "\n".join(["| option | meaning |", "|---|---|", *rows]) + "\n"


def _sentences(text: str) -> str:
    """A paragraph, one sentence a line."""
    return re.sub(r"(?<=\w[.]) (?=[A-Z])", "\n", text) + "\n"


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).strip("[]")
    return name if argument.required else f"[{name}]"


def _row(option: Any) -> str:
    names = f"`{option.opts[0]}`" + ("" if option.is_flag else f" {_value(option)}")
    needed = " Needed." if option.required else ""
    return f"| {names} | {option.help}{_default(option)}{needed} |".replace("|  ", "| ")


def _value(option: Any) -> str:
    kind = option.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " \\| ".join(f"`{choice.value}`" for choice in kind)
    return option.metavar or {int: "NUMBER", Path: "FILE"}.get(kind, "TEXT")


def _default(option: Any) -> str:
    if option.is_flag or option.required or option.default in (None, "") or callable(option.default):
        return ""
    return f" Default: {getattr(option.default, 'value', option.default)}."


if __name__ == "__main__":
    prose = DOCUMENT.read_text("utf-8").partition(BEGIN)[0]
    DOCUMENT.write_text(prose + reference(), "utf-8")
