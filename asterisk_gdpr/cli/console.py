"""What every command works with: the installation that it was called for, and how it reads secrets."""

from __future__ import annotations

import getpass
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from asterisk_gdpr.errors import Misuse, Refused
from asterisk_gdpr.seal.passphrase import DEFAULT_COST, Cost

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from asterisk_gdpr.bootstrap.installation import Installation
    from asterisk_gdpr.ports import Clock, Uptime

VARIABLE = "ASTERISK_GDPR_CONFIG"
DEFAULT = "/etc/asterisk-gdpr/config.yaml"


def default_config() -> Path:
    """The configuration that is meant when none is named."""
    return Path(os.environ.get(VARIABLE) or DEFAULT)


@dataclass
class Console:
    """`cost` and `hasher` say how dear guessing a passphrase or a password is made; None: the default."""

    config: Path = field(default_factory=default_config)
    clock: Clock | None = None
    cost: Cost = DEFAULT_COST
    hasher: PasswordHasher | None = None
    uptime: Uptime | None = None

    def load(self) -> Installation:
        """The installation; the caller closes it."""
        from asterisk_gdpr.bootstrap.installation import Installation  # most of what there is: not for --help

        return Installation.load(self.config, self.clock, self.uptime)

    @contextmanager
    def installation(self) -> Iterator[Installation]:
        """The installation, closed again at the end."""
        installation = self.load()
        try:
            yield installation
        finally:
            installation.close()


def console_of(context: typer.Context) -> Console:
    """The console of the command that runs."""
    console = context.obj
    assert isinstance(console, Console)
    return console


def who() -> str:
    """The user of this machine who runs the command, as the ledger names them."""
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"cli:{os.getuid()}"


def secret(what: str, file: Path | None, *, new: bool = False) -> str:
    """A passphrase or password, from a file or typed at the terminal, twice if it is `new`.

    It is never taken from the command line, where every user of the machine could read it.
    """
    if file is not None:
        return _from_file(what, file)
    if not sys.stdin.isatty():
        raise Misuse(f"The {what} is typed at a terminal.", hint="Or name a file that holds it.")
    typed = getpass.getpass(f"{what[0].upper()}{what[1:]}: ")
    if new and getpass.getpass("Again: ") != typed:
        raise Refused("That was something else.", hint="Nothing was changed; try again.", id="not-the-same")
    return typed


def _from_file(what: str, file: Path) -> str:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Refused(f"The file of the {what}, {file}, cannot be read.", id="no-secret") from None
    line = text.removesuffix("\n")
    if not line or "\n" in line:
        raise Refused(f"The file of the {what}, {file}, must hold one line.", id="no-secret")
    return line
