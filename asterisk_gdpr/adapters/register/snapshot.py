"""A consistent copy of a register while others write to it, and what a copy says of itself."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from asterisk_gdpr.adapters.register.database import file_of
from asterisk_gdpr.errors import Damaged, Unreachable

_STEP = 2000
"""Pages that are copied at once; between two steps writers have their turn."""


def copy_register(url: str, to: Path) -> None:
    """Copy a register's file as it stands now, in steps; `to` is made, for its owner alone."""
    source = file_of(url)
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as living,
            closing(sqlite3.connect(to)) as copy,
        ):
            # One reading transaction: else each write meanwhile would begin the copy anew.
            living.execute("BEGIN")
            living.execute("SELECT count(*) FROM sqlite_master").fetchone()
            living.backup(copy, pages=_STEP, sleep=0.001)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        to.unlink(missing_ok=True)
        raise Unreachable(f"The register cannot be copied: {error}.", id="register-unreachable") from None


def ledger_head_of(copy: Path) -> tuple[int, str]:
    """The last entry of a copy's ledger: its number and its hash in hexadecimal; (0, "") of none."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(copy))}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise Damaged(f"The copy of the register cannot be read: {error}.") from None
    return (0, "") if row is None else (int(row[0]), bytes(row[1]).hex())
