"""Where a period begins to run, or stops: called in the transaction of the event that begins it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from asterisk_gdpr.adapters.register.tables import deadlines

_one = (deadlines.c.kind == bindparam("its_kind"), deadlines.c.of == bindparam("its_of"))
_there = select(deadlines.c.kind).where(*_one)
_insert = insert(deadlines)
_stop = delete(deadlines).where(*_one)


def begin(
    connection: Connection,
    kind: str,
    of: str,
    at: datetime,
    policy: str = "",
    made_at: datetime | None = None,
) -> None:
    """The clock of a datum begins to run; one that runs goes on.

    `kind` is a field of `core.policy.Keep`, `policy` the version by whose rule (empty: the one in force);
    `made_at` is when the datum came to be, if that was earlier.
    """
    if connection.execute(_there, {"its_kind": kind, "its_of": of}).first() is None:
        values = {"kind": kind, "of": of, "begun_at": at, "policy": policy, "made_at": made_at}
        connection.execute(_insert, values)


def stop(connection: Connection, kind: str, of: str) -> None:
    """The clock runs no more: what began it was taken back."""
    connection.execute(_stop, {"its_kind": kind, "its_of": of})
