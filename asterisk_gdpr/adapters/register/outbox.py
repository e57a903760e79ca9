"""What waits to be told to others, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from asterisk_gdpr.adapters.register.book import Book
from asterisk_gdpr.adapters.register.tables import outbox
from asterisk_gdpr.ports import Waiting


class Outbox(Book):
    """Plays `ports.Outbox`."""

    def put(self, node: str, messages: Sequence[tuple[str, bytes]], at: datetime) -> None:
        """Add messages at the end."""
        if not messages:
            return
        rows = [{"node": node, "topic": topic, "payload": payload, "at": at} for topic, payload in messages]
        with self._database.writing() as connection:
            connection.execute(insert(outbox), rows)

    def waiting(self, node: str, limit: int) -> list[Waiting]:
        """The oldest, in order."""
        query = select(outbox.c.number, outbox.c.topic, outbox.c.payload).where(outbox.c.node == node)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(outbox.c.number).limit(limit))
            return [Waiting(row.number, row.topic, row.payload) for row in rows]

    def sent(self, node: str, upto: int) -> None:
        """Forget what has arrived."""
        with self._database.writing() as connection:
            connection.execute(delete(outbox).where(outbox.c.node == node, outbox.c.number <= upto))

    def drop_before(self, node: str, at: datetime) -> int:
        """Forget what is too old to be of use."""
        with self._database.writing() as connection:
            done = connection.execute(delete(outbox).where(outbox.c.node == node, outbox.c.at < at))
            return int(done.rowcount)
