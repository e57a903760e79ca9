"""Recorders that are not ours on calls that are, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Row, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.epochs import require_living_epoch
from asterisk_gdpr.adapters.register.tables import recorders
from asterisk_gdpr.ports import RecorderRow


class Recorders(Book):
    """Plays `ports.RecorderBook`."""

    def add_recorder(self, row: RecorderRow) -> None:
        """What records, and nothing of where to."""
        with self._database.writing() as connection:
            if row.sealed is not None:
                require_living_epoch(connection, row.epoch)
            connection.execute(insert(recorders).values(**vars(row)))
            append(connection, row.seen_at, "other-recorder-seen", _told(row))

    def recorder_stopping(self, id: str, at: datetime) -> None:
        """Before it is done."""
        with self._database.writing() as connection:
            query = select(recorders).where(recorders.c.id == id)
            append(connection, at, "other-recorder-stopping", _told(_found(connection.execute(query), id)))

    def recorder_stopped(self, id: str, at: datetime) -> None:
        """After it was seen to be done."""
        with self._database.writing() as connection:
            query = select(recorders).where(recorders.c.id == id)
            row = _found(connection.execute(query), id)
            connection.execute(update(recorders).where(recorders.c.id == id).values(stopped_at=at))
            append(connection, at, "other-recorder-stopped", _told(row))

    def recorders_of(self, call: str) -> list[RecorderRow]:
        """In the order in which they were seen."""
        query = select(recorders).where(recorders.c.call == call)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(recorders.c.seen_at, recorders.c.id))
            return [_row(row) for row in rows]


def _found(result: CursorResult[Any], id: str) -> RecorderRow:
    row = result.one_or_none()
    if row is None:
        raise unknown("recorder", id)
    return _row(row)


def _row(row: Row[Any]) -> RecorderRow:
    return RecorderRow(**row._mapping)


def _told(row: RecorderRow) -> dict[str, str]:
    return {"call": row.call, "recorder": row.id, "by": row.by}
