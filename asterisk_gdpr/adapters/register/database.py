"""Connections and transactions: SQLite tuned for data that must survive a power cut and then vanish.

One writer at a time: within the process one after the other, many of them in one commit (`.group`),
between processes by SQLite's own lock. A write begins with BEGIN IMMEDIATE: a transaction that read first
and then wants to write is refused at once when another one wrote meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, OperationalError, TimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from asterisk_gdpr.adapters.register.group import Full, Undone, Writer
from asterisk_gdpr.errors import Damaged, Refused, Unreachable

_pragmas = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit survives a power cut
    "PRAGMA secure_delete = ON",  # freed pages are wiped
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",  # no sorting of personal data in files
)


class Database:
    """One database, used by many threads; each thread has at most one transaction open.

    Its file must be there already: one that has vanished is unreachable, not empty.
    `patience` is how many seconds a write waits for another one before the register is unreachable.
    """

    def __init__(self, url: str, patience: float = 5.0) -> None:
        self._patience = patience
        self._file = file_of(url)
        self._opened = _identity(self._file)
        # Parameters hold personal data; an error's text must not.
        self._engine = create_engine(
            _existing(self._file), hide_parameters=True, pool_size=32, pool_timeout=patience
        )
        event.listen(self._engine, "connect", self._prepare)
        event.listen(self._engine, "begin", _begin)
        self._writer = Writer(self._connection_to_write, _stands, patience)
        self._held = threading.local()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may change things; within another one of this thread, a part of it.

        What fails within a part is undone with the part, so the outer one may catch it and go on.
        """
        outer: Connection | None = getattr(self._held, "connection", None)
        if outer is not None:
            with _translated(), outer.begin_nested():
                yield outer
            return
        self._be_there()
        with _translated(), self._writer.write() as connection:
            self._held.connection = connection
            try:
                yield connection
            finally:
                self._held.connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; within a write of this thread, that write's own."""
        outer: Connection | None = getattr(self._held, "connection", None)
        with _translated():
            if outer is not None:
                yield outer
                return
            self._be_there()
            with self._engine.connect() as connection, connection.begin():
                yield connection

    def checkpoint(self) -> bool:
        """Move the whole journal into the database and cut it to nothing; False if a reader is in the way.

        It waits a quarter of a second at most: while it waits, no call can be written down.
        """
        patience = min(0.25, self._patience)
        try:
            with self._writer.alone(patience), _translated(), self._engine.connect() as connection:
                raw = connection.connection.dbapi_connection
                assert isinstance(raw, sqlite3.Connection)
                raw.execute(_busy_timeout(patience))
                try:
                    busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                finally:
                    raw.execute(_busy_timeout(self._patience))
                return not busy
        except Full:
            return False
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                return False
            raise _unreachable(str(error)) from error

    def _connection_to_write(self) -> Connection:
        return self._engine.connect().execution_options(immediate=True)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    def _be_there(self) -> None:
        """Say so when the file was deleted or replaced: the one that is open would take all, and lose it."""
        if _identity(self._file) != self._opened:
            raise _unreachable("its file is not the one that was opened")

    def _prepare(self, connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions begin where we say so, not where the driver guesses
        for pragma in (_busy_timeout(self._patience), *_pragmas):
            connection.execute(pragma)


def file_of(url: str) -> Path:
    """The file of a register's address; Refused (`register-url`) when it is none."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Refused("The register's address is not a database URL.", id="register-url") from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise Refused(
            "The register must be an SQLite file.", hint="Write sqlite:////path/to/file.", id="register-url"
        )
    return Path(parsed.database)


def create(url: str) -> None:
    """Make the file, readable by its owner alone, before SQLite would; its journal takes the same mode."""
    try:
        file_of(url).touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise _unreachable(f"its file cannot be made: {error.strerror}") from error


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


def _stands(connection: Connection) -> bool:
    """Whether the transaction is still open: a full disk, say, undoes it, and a commit is then of nothing."""
    raw = connection.connection.dbapi_connection
    return isinstance(raw, sqlite3.Connection) and raw.in_transaction


def _busy_timeout(seconds: float) -> str:
    return f"PRAGMA busy_timeout = {int(seconds * 1000)}"


@contextmanager
def _translated() -> Iterator[None]:
    """Let no error of the database library out: each has an answer in our own tree."""
    try:
        yield
    except IntegrityError as error:
        raise Refused(f"The register refuses this: {error.orig}.", id="register-conflict") from error
    except OperationalError as error:
        raise _unreachable(str(error.orig)) from error
    except Full as error:
        raise _unreachable("another write holds it") from error
    except Undone as error:
        raise _unreachable("the database has undone what was written") from error
    except TimeoutError as error:
        raise _unreachable("too many threads use it") from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # the others are bugs of ours and keep their traceback
            raise
        raise Damaged(f"The register cannot be read: {error.orig}.", id="register-damaged") from error


def _unreachable(why: str) -> Unreachable:
    return Unreachable(
        f"The register does not answer ({why}).",
        hint="Calls go on and are not recorded until it does: look at its file and its disk.",
        id="register-unreachable",
    )
