"""The commands that the documents name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from asterisk_gdpr.cli.app import app
from tests.docs.pages import code, documents, name

_COMMAND = re.compile(r"asterisk-gdpr((?: (?:--?[a-z-]+|[A-Za-z/.]\S*))+)")


def test_every_command_that_is_named_exists() -> None:
    """A document names no command and no option that the program does not have."""
    program = typer.main.get_command(app)
    wrong = [(name(page), words) for page, words in _commands() if not _is_command(program, words)]

    assert wrong == []


def _commands() -> Iterator[tuple[Path, list[str]]]:
    for page in documents():
        for text in code(page):
            if match := _COMMAND.match(text):
                yield page, match[1].split()


def _is_command(program: Any, words: list[str]) -> bool:
    """Whether the words name a command, and only options that it has; what follows is its own affair."""
    command, options = program, {"--help"}
    for word in words:
        options |= {text for parameter in command.params for text in parameter.opts}
        commands = getattr(command, "commands", {})
        if word.startswith("-"):
            if word not in options:
                return False
        elif word in commands:
            command = commands[word]
        elif commands and word.islower():
            return False
    return True
