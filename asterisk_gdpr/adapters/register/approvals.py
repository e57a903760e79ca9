"""Approvals as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.kinds import wipe_text
from asterisk_gdpr.adapters.register.tables import approvals
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Approval


class Approvals(Book):
    """Plays `ports.ApprovalBook`."""

    def ask_approval(self, approval: Approval) -> None:
        """A question, told to the ledger."""
        values = {
            "id": approval.id,
            "recording": approval.recording,
            "purpose": approval.purpose,
            "user": approval.user,
            "reason": approval.reason,
        }
        with self._database.writing() as connection:
            connection.execute(insert(approvals).values(**values, asked_at=approval.asked_at))
            append(connection, approval.asked_at, "approval-asked", values)

    def approval(self, id: str) -> Approval:
        """One by its id."""
        with self._database.reading() as connection:
            row = connection.execute(select(approvals).where(approvals.c.id == id)).one_or_none()
        if row is None:
            raise unknown("approval", id)
        return _value(row)

    def decide_approval(self, id: str, by: str, granted: bool, at: datetime, ends_at: datetime) -> None:
        """An answer, by somebody else and once, told to the ledger."""
        with self._database.writing() as connection:
            row = connection.execute(select(approvals).where(approvals.c.id == id)).one_or_none()
            if row is None:
                raise unknown("approval", id)
            if row.user == by:
                raise Refused("A second person decides, not whoever asked.", id="own-approval")
            if row.decided_at is not None and not row.decided_by:
                raise Refused("Nobody has answered in time: it must be asked anew.", id="approval-lapsed")
            if row.decided_at is not None:
                raise Refused("This has been decided already.", id="decided-already")
            connection.execute(
                update(approvals)
                .where(approvals.c.id == id)
                .values(decided_by=by, decided_at=at, granted=granted, ends_at=ends_at)
            )
            told = {"approval": id, "recording": row.recording, "user": by, "granted": granted}
            append(connection, at, "approval-decided", told)

    def lapse_approvals(self, asked_until: datetime, at: datetime) -> int:
        """Each is told to the ledger, with who waited for it."""
        waiting = (approvals.c.decided_at.is_(None), approvals.c.asked_at <= asked_until)
        query = select(approvals).where(*waiting)
        with self._database.reading() as connection:
            if connection.execute(query).first() is None:
                return 0
        ended = 0
        with self._database.writing() as connection:
            for row in connection.execute(query).all():
                mine = update(approvals).where(approvals.c.id == row.id, approvals.c.decided_at.is_(None))
                if connection.execute(mine.values(decided_at=at, granted=False)).rowcount:
                    told = {"approval": row.id, "recording": row.recording, "user": row.user}
                    append(connection, at, "approval-lapsed", told)
                    ended += 1
        return ended

    def open_approvals(self) -> list[Approval]:
        """Those without an answer."""
        query = select(approvals).where(approvals.c.decided_at.is_(None)).order_by(approvals.c.asked_at)
        with self._database.reading() as connection:
            return [_value(row) for row in connection.execute(query)]

    def approvals(self, recording: str, user: str) -> list[Approval]:
        """A person's questions about a recording."""
        mine = (approvals.c.recording == recording, approvals.c.user == user)
        with self._database.reading() as connection:
            rows = connection.execute(select(approvals).where(*mine).order_by(approvals.c.asked_at.desc()))
            return [_value(row) for row in rows]

    def approvals_by(self, user: str, limit: int) -> list[Approval]:
        """A person's questions."""
        query = select(approvals).where(approvals.c.user == user)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(approvals.c.asked_at.desc()).limit(limit))
            return [_value(row) for row in rows]


def wipe_approvals(connection: Connection, recording: str) -> None:
    """Overwrite who asked and who decided; nobody waits for an answer any more."""
    theirs = approvals.c.recording == recording
    ids = connection.execute(select(approvals.c.id).where(theirs)).scalars().all()
    wipe_text(connection, approvals, "id", ids, "user", "decided_by")
    connection.execute(
        update(approvals)
        .where(theirs, approvals.c.decided_at.is_(None))
        .values(decided_at=approvals.c.asked_at, granted=False)
    )


def _value(row: Row[Any]) -> Approval:
    return Approval(
        row.id,
        row.recording,
        row.purpose,
        row.user,
        row.reason,
        row.asked_at,
        row.decided_by or "",
        row.decided_at,
        bool(row.granted),
        row.ends_at,
    )
