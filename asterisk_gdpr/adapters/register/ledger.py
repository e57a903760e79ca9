"""The ledger as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.columns import wiped
from asterisk_gdpr.adapters.register.tables import ledger
from asterisk_gdpr.core.ledger import Entry


class Ledger(Book):
    """Plays `ports.LedgerBook`."""

    def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Entry:
        """Append an entry."""
        with self._database.writing() as connection:
            return append(connection, at, kind, payload)

    def entries(self, after: int = 0, limit: int = 1000) -> list[Entry]:
        """The entries after a number, in order."""
        query = select(ledger).where(ledger.c.seq > after).order_by(ledger.c.seq).limit(limit)
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(query)]

    def head(self) -> Entry | None:
        """The last entry."""
        with self._database.reading() as connection:
            row = connection.execute(select(ledger).order_by(ledger.c.seq.desc()).limit(1)).one_or_none()
        return entry_of(row) if row else None

    def erase_payloads(self, seqs: Iterable[int]) -> None:
        """Overwrite payload and salt: without the salt not even a short payload can be guessed."""
        with self._database.writing() as connection:
            query = select(ledger.c.seq, ledger.c.salt, ledger.c.payload).where(ledger.c.seq.in_(list(seqs)))
            for seq, salt, payload in connection.execute(query).all():
                if payload is not None:
                    connection.execute(
                        update(ledger)
                        .where(ledger.c.seq == seq)
                        .values(salt=wiped(salt), payload=wiped(payload))
                    )


def entry_of(row: Row[Any]) -> Entry:
    """A row of the ledger."""
    payload = None if row.payload is None else json.loads(row.payload)
    return Entry(row.seq, row.at, row.kind, row.commitment, row.hash, row.salt, payload)
