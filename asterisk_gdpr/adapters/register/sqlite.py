"""The register as an SQLite file, tuned for data that must survive a power cut and then vanish.

Between processes SQLite's own lock lets one write at a time. A write begins with BEGIN IMMEDIATE: a
transaction that read first and then wants to write is refused at once when another one wrote meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

from asterisk_gdpr.adapters.register.failures import unreachable
from asterisk_gdpr.errors import Refused

_pragmas = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit survives a power cut
    "PRAGMA secure_delete = ON",  # freed pages are wiped
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",  # no sorting of personal data in files
)


class SqliteFile:
    """Plays `database.Store`. Its file must be there: one that has vanished is unreachable, not empty."""

    wipes = True

    def __init__(self, url: URL, patience: float) -> None:
        self._patience = patience
        self._file = file_of(url)
        self._opened = _identity(self._file)
        self.engine: Engine = create_engine(
            _existing(self._file), hide_parameters=True, pool_size=32, pool_timeout=patience
        )
        event.listen(self.engine, "connect", self._prepare)
        event.listen(self.engine, "begin", _begin)

    def be_there(self) -> None:
        """Say so when the file was deleted or replaced: the one that is open would take all, and lose it."""
        if _identity(self._file) != self._opened:
            raise unreachable("its file is not the one that was opened")

    def stands(self, connection: Connection) -> bool:
        """Whether it is still open: a full disk, say, undoes it, and a commit is then of nothing."""
        raw = connection.connection.dbapi_connection
        return isinstance(raw, sqlite3.Connection) and raw.in_transaction

    def sweep(self, patience: float) -> bool:
        """Move the whole journal into the database and cut it to nothing; False if a reader is in the way."""
        try:
            with self.engine.connect() as connection:
                raw = connection.connection.dbapi_connection
                assert isinstance(raw, sqlite3.Connection)
                raw.execute(_busy_timeout(patience))
                try:
                    busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                finally:
                    raw.execute(_busy_timeout(self._patience))
                return not busy
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                return False
            raise unreachable(str(error)) from error

    def _prepare(self, connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions begin where we say so, not where the driver guesses
        for pragma in (_busy_timeout(self._patience), *_pragmas):
            connection.execute(pragma)


def file_of(url: URL) -> Path:
    """The file of a register's address; Refused (`register-url`) where it has none."""
    if not url.database or url.database == ":memory:":
        raise Refused(
            "The register's address names no file.", hint="Write sqlite:////path/to/file.", id="register-url"
        )
    return Path(url.database)


def create(url: URL) -> None:
    """Make the file, readable by its owner alone, before SQLite would; its journal takes the same mode."""
    try:
        file_of(url).touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise unreachable(f"its file cannot be made: {error.strerror}") from error


def _existing(file: Path) -> URL:
    """The URL that opens this file and never makes one."""
    return URL.create("sqlite", database=f"file:{quote(str(file))}", query={"mode": "rw", "uri": "true"})


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file this is, whatever it is called; None when there is none."""
    try:
        found = os.stat(file)  # noqa: PTH116  # asked at each transaction: a Path would cost more
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _busy_timeout(seconds: float) -> str:
    return f"PRAGMA busy_timeout = {int(seconds * 1000)}"
