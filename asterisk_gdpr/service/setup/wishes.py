"""What an installation is to be, before there is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.keys.key_files import KeyFolder

_PLAIN_PATH = re.compile(r"/[A-Za-z0-9/_.+@-]*")


@dataclass(frozen=True)
class Wishes:
    """What an installation is to be: all paths absolute, `program` the command that starts this software.

    `user` runs the processes, `group` is Asterisk's; `spool_size` is as tmpfs takes it (`256M`).
    `register` is the address of a PostgreSQL database; without one it is a file in `state`.
    """

    folder: Path
    state: Path
    spool: Path
    run: Path
    program: Sequence[str]
    user: str
    uid: int
    group: str
    gid: int
    node: str = "pbx1"
    time_zone: str = "UTC"
    default_country: str = "DE"
    asterisk_etc: Path = Path("/etc/asterisk")
    ari_url: str = "http://127.0.0.1:8088/ari"
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    listen: str = "127.0.0.1:8470"
    spool_size: str = "256M"
    speech: Sequence[str] = ("espeak-ng",)
    register: str = ""

    @property
    def config(self) -> Path:
        """The file that every command is told of."""
        return self.folder / "config.yaml"

    @property
    def snippets(self) -> Path:
        """What Asterisk includes."""
        return self.folder / "asterisk"

    @property
    def escrow(self) -> Path:
        """Where the escrow copy is put, to be moved away from the machine."""
        return self.folder / "escrow"

    @property
    def keys(self) -> KeyFolder:
        """Where the keys lie."""
        return KeyFolder(self.state / "keys")


def check_wishes(wishes: Wishes) -> None:
    """Raise Refused (`bad-path`) for a path that Asterisk's or systemd's files could not hold as it is."""
    for path in (wishes.folder, wishes.state, wishes.spool, wishes.run, wishes.asterisk_etc):
        if not _PLAIN_PATH.fullmatch(str(path)):
            raise Refused(
                f"The path {path} has a character that Asterisk's and systemd's files cannot hold.",
                hint="Use letters, digits and /_.+@- only.",
                id="bad-path",
            )
