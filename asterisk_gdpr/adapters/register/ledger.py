"""The ledger as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from asterisk_gdpr.adapters.register.book import Book, about_of, append
from asterisk_gdpr.adapters.register.columns import not_as_written, wiped
from asterisk_gdpr.adapters.register.tables import ledger
from asterisk_gdpr.core.ledger import Entry
from asterisk_gdpr.errors import Damaged


class Ledger(Book):
    """Plays `ports.LedgerBook`."""

    def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Entry:
        """Append an entry."""
        with self._database.writing() as connection:
            return append(connection, at, kind, payload)

    def entries(self, after: int = 0, limit: int = 1000) -> list[Entry]:
        """The entries after a number, in order, up to one that cannot be read; Damaged if it is the first."""
        query = select(ledger).where(ledger.c.seq > after).order_by(ledger.c.seq).limit(limit)
        found: list[Entry] = []
        with self._database.reading() as connection:
            try:
                found.extend(entry_of(row) for row in connection.execute(query))  # keeps what came before
            except Damaged:
                if not found:
                    raise
        return found

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
    """A row of the ledger; Damaged where it is not as `append` writes it."""
    payload = None
    if row.payload is not None:
        try:
            payload = json.loads(row.payload)
        except (ValueError, RecursionError):
            raise not_as_written() from None
        if not isinstance(payload, dict) or about_of(payload) != row.about:
            raise not_as_written()
    return Entry(row.seq, row.at, row.kind, row.commitment, row.hash, row.salt, payload)
