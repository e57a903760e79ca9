"""Connections and transactions of a register, whichever database it is in.

One writer at a time: within the process one after the other, many of them in one commit (`.group`),
between processes by a lock of the database's own (`.sqlite`, `.postgres`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from asterisk_gdpr.adapters.register import sqlite
from asterisk_gdpr.adapters.register.failures import translated
from asterisk_gdpr.adapters.register.group import Full, Writer
from asterisk_gdpr.errors import Refused


class Store(Protocol):
    """What differs between databases."""

    engine: Engine
    """Its connections; one with the option `immediate` may write. Parameters hold personal data, so no
    error's text may have them."""

    wipes: bool
    """Whether `sweep` leaves nothing of what was overwritten in the database's own files."""

    def be_there(self) -> None:
        """Raise Unreachable if this is not the database that was opened any more."""

    def stands(self, connection: Connection) -> bool:
        """Whether a transaction is still open, and could be committed."""

    def sweep(self, patience: float) -> bool:
        """Let go of what was overwritten, as far as the database can; False if somebody is in the way."""


class Database:
    """One database, used by many threads; each thread has at most one transaction open.

    `patience` is how many seconds a write waits for another one before the register is unreachable.
    """

    def __init__(self, url: str, patience: float = 5.0) -> None:
        self._patience = patience
        self._store = _store(parsed(url), patience)
        self._writer = Writer(self._connection_to_write, self._store.stands, patience)
        self._held = threading.local()

    @property
    def wipes(self) -> bool:
        """Whether `checkpoint` leaves nothing of what was overwritten in the database's own files."""
        return self._store.wipes

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may change things; within another one of this thread, a part of it.

        What fails within a part is undone with the part, so the outer one may catch it and go on.
        """
        outer: Connection | None = getattr(self._held, "connection", None)
        if outer is not None:
            with translated(), outer.begin_nested():
                yield outer
            return
        self._store.be_there()
        with translated(), self._writer.write() as connection:
            self._held.connection = connection
            try:
                yield connection
            finally:
                self._held.connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; within a write of this thread, that write's own."""
        outer: Connection | None = getattr(self._held, "connection", None)
        with translated():
            if outer is not None:
                yield outer
                return
            self._store.be_there()
            with self._store.engine.connect() as connection, connection.begin():
                yield connection

    def checkpoint(self) -> bool:
        """Let go of what was overwritten, as far as the database can; False if somebody is in the way.

        It waits a quarter of a second at most: while it waits, no call can be written down.
        """
        patience = min(0.25, self._patience)
        try:
            with self._writer.alone(patience), translated():
                return self._store.sweep(patience)
        except Full:
            return False

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._store.engine.dispose()

    def _connection_to_write(self) -> Connection:
        return self._store.engine.connect().execution_options(immediate=True)


def parsed(url: str) -> URL:
    """A register's address; Refused (`register-url`) when it is none."""
    try:
        found = make_url(url)
    except ArgumentError as error:
        raise Refused("The register's address is not a database URL.", id="register-url") from error
    if found.get_backend_name() not in ("sqlite", "postgresql"):
        raise Refused(
            "The register must be an SQLite file or a PostgreSQL database.",
            hint="Write sqlite:////path/to/file, or postgresql:///name.",
            id="register-url",
        )
    return found


def file_of(url: str) -> Path | None:
    """The file of a register; None where it is in PostgreSQL. Refused (`register-url`) when it is neither."""
    found = parsed(url)
    return sqlite.file_of(found) if found.get_backend_name() == "sqlite" else None


def create(url: str) -> None:
    """Make the file of a register if there is none; of a database look whether it can be used."""
    found = parsed(url)
    if found.get_backend_name() == "sqlite":
        sqlite.create(found)
        return
    from asterisk_gdpr.adapters.register import postgres

    postgres.create(found)


def _store(url: URL, patience: float) -> Store:
    if url.get_backend_name() == "sqlite":
        return sqlite.SqliteFile(url, patience)
    # Its driver takes long to import, and few registers need it.
    from asterisk_gdpr.adapters.register.postgres import PostgresDatabase

    return PostgresDatabase(url, patience)
