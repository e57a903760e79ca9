"""A consistent copy of a register while others write to it, and what a copy says of itself.

A copy is an SQLite file, whatever database the register is in: so a backup can be restored into either.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Integer, column, func, select, table, text
from sqlalchemy.types import TypeDecorator

from asterisk_gdpr.adapters.register.database import Database, file_of
from asterisk_gdpr.adapters.register.migrate import upgrade
from asterisk_gdpr.adapters.register.tables import metadata
from asterisk_gdpr.errors import Damaged, Unreachable

_STEP = 2000
"""Pages that are copied at once; between two steps writers have their turn. Rows, from another database."""


def copy_register(url: str, to: Path) -> None:
    """Copy a register as it stands now, in steps; `to` is made, for its owner alone."""
    source = file_of(url)
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    if source is None:
        try:
            upgrade(f"sqlite:///{to}")
            _copy_rows(url, f"sqlite:///{to}")
        except BaseException:
            to.unlink(missing_ok=True)
            raise
        return
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


def fill_register(url: str, copy: Path) -> None:
    """Put a copy of the newest schema into an empty PostgreSQL database, all of it or nothing."""
    upgrade(url)
    _copy_rows(f"sqlite:///{copy}", url)


def is_empty(url: str) -> bool:
    """Whether a PostgreSQL database holds no table at all."""
    database = Database(url)
    try:
        with database.reading() as connection:
            query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
            return bool(connection.execute(text(query)).scalar_one() == 0)
    finally:
        database.close()


def _copy_rows(source: str, target: str) -> None:
    reading, writing = Database(source), Database(target)
    try:
        with reading.reading() as of, writing.writing() as to:
            for each in metadata.sorted_tables:
                # As the columns hold it: what was wiped reads as nothing, and would be written as nothing.
                columns = [
                    column(c.name, c.type.impl_instance if isinstance(c.type, TypeDecorator) else c.type)
                    for c in each.columns
                ]
                plain = table(each.name, *columns)
                rows = of.execution_options(yield_per=_STEP).execute(select(plain))
                for some in rows.mappings().partitions():
                    to.execute(plain.insert(), [dict(row) for row in some])
                if to.dialect.name == "postgresql":
                    _count_on(to, each.name)
    finally:
        reading.close()
        writing.close()


def _count_on(connection: Connection, name: str) -> None:
    """Numbers that the database counts up go on behind the last one that was copied."""
    counted = metadata.tables[name].autoincrement_column
    if counted is None or not isinstance(counted.type, Integer) or counted.foreign_keys:
        return
    sequence = connection.execute(select(func.pg_get_serial_sequence(name, counted.name))).scalar_one()
    if sequence is None:
        return
    numbers = table(name, column(counted.name)).c[counted.name]
    last: int | None = connection.execute(select(func.max(numbers))).scalar_one()
    if last is not None:
        connection.execute(select(func.setval(sequence, last)))


def ledger_head_of(copy: Path) -> tuple[int, str]:
    """The last entry of a copy's ledger: its number and its hash in hexadecimal; (0, "") of none."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(copy))}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise Damaged(f"The copy of the register cannot be read: {error}.") from None
    return (0, "") if row is None else (int(row[0]), bytes(row[1]).hex())
