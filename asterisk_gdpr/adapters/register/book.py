"""What the parts of the register have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from secrets import token_bytes
from typing import Any

from sqlalchemy import Connection, insert, select

from asterisk_gdpr.adapters.register.database import Database
from asterisk_gdpr.adapters.register.deadlines import begin
from asterisk_gdpr.adapters.register.tables import ledger
from asterisk_gdpr.core.ledger import Entry, encode, follow, names_somebody
from asterisk_gdpr.errors import Refused


class Book:
    """One part of the register; `zone` is whose days the periods are reckoned in."""

    def __init__(self, database: Database, zone: tzinfo) -> None:
        self._database = database
        self._zone = zone


def unknown(what: str, id: str) -> Refused:
    """The error for an id that is not there."""
    return Refused(f"There is no {what} {id}.", id=f"unknown-{what}")


# Statements that every write needs are built once: building one costs more than running it.
_append = insert(ledger)
_last = (
    select(ledger.c.seq, ledger.c.at, ledger.c.kind, ledger.c.commitment, ledger.c.hash)
    .order_by(ledger.c.seq.desc())
    .limit(1)
)


def about_of(payload: Mapping[str, Any]) -> str | None:
    """What an entry is about: a recording, else a call."""
    return payload.get("recording") or payload.get("call")


def append(connection: Connection, at: datetime, kind: str, payload: Mapping[str, Any]) -> Entry:
    """Tell the ledger, in the transaction of the act that it tells of; what names a user has its period."""
    last = connection.execute(_last).one_or_none()
    before = Entry(*last, salt=None, payload=None) if last else None
    entry = follow(before, at, kind, token_bytes(16), payload)
    row = {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "commitment": entry.commitment,
        "hash": entry.hash,
        "salt": entry.salt,
        "payload": encode(payload),
        "about": about_of(payload),
    }
    connection.execute(_append, row)
    if names_somebody(payload):
        begin(connection, "listening_log", str(entry.seq), at)
    return entry
