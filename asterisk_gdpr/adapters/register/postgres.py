"""The register in a PostgreSQL database, which several nodes may share.

Between processes a lock of the database, taken as a write begins and given back with its end, lets one write
at a time, as SQLite's does: what a transaction has read stays so until it writes. A read is one consistent
view. A row that is overwritten stays in the database's free space and in its journal until PostgreSQL uses
those anew; nothing can wipe it (docs/design.md 13).
"""

from __future__ import annotations

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from asterisk_gdpr.adapters.register.failures import translated
from asterisk_gdpr.errors import Refused

_LOCK = 0x67647072
"""The number of the lock that whoever writes holds; any other program on the database has others."""

_CONNECTING = 3
"""Seconds that the server may take to let us in."""


class PostgresDatabase:
    """Plays `database.Store`. The database must be there, in UTF-8 and with plain order of texts."""

    wipes = False

    def __init__(self, url: URL, patience: float) -> None:
        options = f"-c lock_timeout={int(patience * 1000)} -c synchronous_commit=on -c timezone=UTC"
        self.engine: Engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_size=32,
            pool_timeout=patience,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": _CONNECTING,
                "options": options,
                "application_name": "asterisk-gdpr",
                # A server that has vanished is noticed while a call still rings.
                "tcp_user_timeout": int(patience * 1000),
            },
        )
        event.listen(self.engine, "begin", _begin)

    def be_there(self) -> None:
        """Every connection is tried before it is used."""

    def stands(self, connection: Connection) -> bool:
        """Whether the transaction is still open and whole."""
        raw = connection.connection.dbapi_connection
        status = getattr(getattr(raw, "info", None), "transaction_status", None)
        return status == TransactionStatus.INTRANS

    def sweep(self, patience: float) -> bool:
        """Give the space of overwritten rows free to be used anew; False if somebody is in the way."""
        try:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"SET lock_timeout = {int(patience * 1000)}"))
                connection.execute(text("VACUUM (SKIP_LOCKED)"))
                connection.execute(text("RESET lock_timeout"))
            return True
        except OperationalError as error:
            if isinstance(error.orig, psycopg.errors.LockNotAvailable):
                return False
            raise


def create(url: URL) -> None:
    """Look whether the database is one that can be used; its administrator has made it.

    Raises Refused (`register-url`) or Unreachable.
    """
    store = PostgresDatabase(url, 5.0)
    try:
        with translated(), store.engine.connect() as connection:
            encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
            plain = connection.execute(text("SELECT 'a-b' < 'aa' AND 'B' < 'a'")).scalar_one()
    finally:
        store.engine.dispose()
    if encoding != "UTF8" or not plain:
        raise Refused(
            "The register's database must be in UTF-8 and order texts by their bytes.",
            hint="Make it anew: createdb --template=template0 --encoding=UTF8 --locale=C NAME.",
            id="register-url",
        )


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("immediate", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    elif options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
