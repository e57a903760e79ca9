"""Every command there is, with every argument and option typed wrongly in turn."""

from __future__ import annotations

import enum
import os
import sqlite3
import typing
from collections.abc import Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from asterisk_gdpr.cli.app import app
from tests.cli.house import NUMBER, RECORDING, House

pytestmark = pytest.mark.thorough

STAYING = {"run", "web", "up", "demo"}
"""What does not end by itself; `init` has tests of its own, and `check` nothing to type."""

SECRETS = ("passphrase_file", "password_file")

ODD = (
    "nope",
    "",
    "two\nlines",
    "'; DROP TABLE calls; --",
    "{home}",
    "{home}/binary",
    "{home}/empty",
    "{home}/missing/file",
    "-1",
    "99999999999999999999",
    "2999-01-01",
    "0001-01-01T00:00+14:00",
    RECORDING,
    "sales",
    NUMBER,
    "é" * 300,
)
"""What a tired person types, pastes or lets a script fill in."""


def commands(of: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below a group, with the words that lead to it."""
    for name, command in getattr(of, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        elif name not in STAYING | {"init", "check"}:
            yield (*path, name), command


def is_flag(parameter: Any) -> bool:
    """Whether it is given without a value."""
    return parameter.name == "help" or (parameter.param_type_name == "option" and bool(parameter.is_flag))


def good(parameter: Any, home: Path) -> str:
    """Something that this argument or option takes."""
    annotation = parameter.type_descriptor.annotation
    for kind in (annotation, *typing.get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return str(next(iter(kind)).value)
        if kind in (int, float):
            return "1"
    name = parameter.name
    if name.endswith(SECRETS):
        return str(home / "passphrase")
    known = {"recording": RECORDING, "id": RECORDING, "line": "sales", "caller": NUMBER, "to": home / "out"}
    return str(known.get(name, "x"))


def typed(path: tuple[str, ...], command: Any, wrong: Any, value: str, home: Path) -> list[str]:
    """The command with everything that it needs, and one thing that is wrong."""
    words = [*path]
    for parameter in command.params:
        if is_flag(parameter):
            continue
        secret = parameter.name.endswith(SECRETS)
        if parameter is wrong or parameter.required or secret:
            given = value if parameter is wrong else good(parameter, home)
            option = parameter.param_type_name == "option"
            words.append(f"{parameter.opts[0]}={given}" if option else given)
    return words


def state_of(home: Path) -> dict[str, str]:
    """Every file of the installation and beside it, by the SHA-256 of its bytes; of the register its rows."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock")):
            found[name] = rows_of(path) if path.suffix == ".db" else sha256(path.read_bytes()).hexdigest()
    return found


def rows_of(path: Path) -> str:
    """Every row of a register: its file may change where its content does not, by what SQLite writes back."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as register:
        return sha256("\n".join(register.iterdump()).encode()).hexdigest()


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The files that are not what they were."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def every_mistake(house: House, values: Iterator[tuple[str, ...]]) -> int:
    """Make each mistake; returns how many.

    The house's commands assert that there is no traceback; a command that fails has left no byte changed.
    """
    home = house.folder.parent
    (home / "elsewhere").mkdir()
    os.chdir(home / "elsewhere")  # a file that a command is told to write by a relative name lands here
    (home / "binary").write_bytes(bytes(range(256)))
    (home / "empty").touch()
    made, before = 0, state_of(home)
    harmed: list[tuple[list[str], str]] = []
    for path, command in commands(get_command(app)):
        for wrong in command.params:
            if is_flag(wrong):
                continue
            for value in next(values):
                words = typed(path, command, wrong, value.format(home=home), home)
                status = house(*words)
                assert status in (0, 1, 2, 3), words
                after = state_of(home)
                if status in (1, 2, 3):
                    harmed += [(words, name) for name in changed(before, after)]
                before = after
                if status == 1 and "[config-faults]" not in house.err:
                    assert len(house.err.splitlines()) <= 1, words
                made += 1
    assert harmed == [], "refused, and changed all the same"
    return made


@pytest.fixture(autouse=True)
def _back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return to the folder one began in."""
    monkeypatch.chdir(Path.cwd())


def test_no_command_shows_a_traceback(full_house: House) -> None:
    """Whatever is typed anywhere gets a status and a line, and what is refused has changed nothing."""
    assert every_mistake(full_house, zip(cycle(ODD))) > 100


@pytest.mark.slow
def test_no_mistake_in_any_command_shows_a_traceback(full_house: House) -> None:
    """The same, with every mistake in every place."""
    assert every_mistake(full_house, iter(lambda: ODD, ())) > 1000
