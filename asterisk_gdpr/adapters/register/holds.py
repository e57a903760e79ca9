"""Holds as rows, and the question that every deletion must ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.deadlines import begin
from asterisk_gdpr.adapters.register.tables import held, holds, recordings, wrapped_keys
from asterisk_gdpr.core.holds import Hold, HoldGround
from asterisk_gdpr.errors import Refused

_standing = (
    select(holds)
    .join(held, held.c.hold == holds.c.id)
    .where(held.c.recording == bindparam("of"), holds.c.ended_at.is_(None))
    .order_by(holds.c.placed_at)
)


def holds_over(connection: Connection, recording: str) -> list[Hold]:
    """The holds that stand over a recording, in the transaction that would delete it."""
    return [_hold(row) for row in connection.execute(_standing, {"of": recording})]


def is_held() -> ColumnElement[bool]:
    """Of a row of `recordings`: whether a hold stands over it."""
    return (
        exists()
        .where(held.c.recording == recordings.c.id, holds.c.id == held.c.hold, holds.c.ended_at.is_(None))
        .correlate(recordings)
    )


class Holds(Book):
    """Plays `ports.HoldBook`."""

    def add_hold(self, hold: Hold, of: Iterable[str]) -> None:
        """Nothing is held whose keys are gone; that is asked in the same transaction."""
        ids = sorted(set(of))
        with self._database.writing() as connection:
            for id in ids:
                if connection.execute(select(recordings.c.id).where(recordings.c.id == id)).first() is None:
                    raise unknown("recording", id)
                keys = connection.execute(
                    select(wrapped_keys.c.wrapped).where(wrapped_keys.c.recording == id)
                )
                if not any(keys.scalars()):
                    raise Refused(f"The recording {id} has been erased.", id="erased")
            values = {
                "id": hold.id,
                "case": hold.case,
                "ground": hold.ground,
                "why": hold.why,
                "by": hold.by,
                "listeners": sorted(hold.listeners),
                "placed_at": hold.placed_at,
                "until": hold.until,
            }
            connection.execute(insert(holds).values(**values))
            connection.execute(insert(held), [{"recording": id, "hold": hold.id} for id in ids])
            entry = {"hold": hold.id, "ground": hold.ground, "recordings": ids}
            append(connection, hold.placed_at, "hold-placed", entry)

    def end_hold(self, hold: str, at: datetime, by: str) -> bool:
        """The ledger is told which of the two ways it ended."""
        with self._database.writing() as connection:
            _row(connection, hold)
            of = (holds.c.id == hold, holds.c.ended_at.is_(None))
            if not connection.execute(update(holds).where(*of).values(ended_at=at, ended_by=by)).rowcount:
                return False
            begin(connection, "holds", hold, at)
            append(connection, at, "hold-lifted" if by else "hold-over", {"hold": hold})
            return True

    def hold(self, hold: str) -> Hold:
        """One hold by its id."""
        with self._database.reading() as connection:
            return _hold(_row(connection, hold))

    def holds(self, *, ended: bool = False) -> list[Hold]:
        """Newest first."""
        query = select(holds).order_by(holds.c.placed_at.desc(), holds.c.id)
        if not ended:
            query = query.where(holds.c.ended_at.is_(None))
        with self._database.reading() as connection:
            return [_hold(row) for row in connection.execute(query)]

    def recordings_held(self, hold: str) -> list[str]:
        """What it keeps, or kept."""
        query = select(held.c.recording).where(held.c.hold == hold).order_by(held.c.recording)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def holds_of(self, recording: str) -> list[Hold]:
        """Oldest first."""
        with self._database.reading() as connection:
            return holds_over(connection, recording)


def _row(connection: Connection, hold: str) -> Row[Any]:
    row = connection.execute(select(holds).where(holds.c.id == hold)).one_or_none()
    if row is None:
        raise unknown("hold", hold)
    return row


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        row.id,
        row.case,
        HoldGround(row.ground),
        row.why,
        row.by,
        frozenset(row.listeners),
        row.placed_at,
        row.until,
        row.ended_at,
        row.ended_by or "",
    )
