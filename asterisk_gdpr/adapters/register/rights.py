"""Restrictions, remarks and handovers as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.deadlines import begin
from asterisk_gdpr.adapters.register.kinds import wipe_text
from asterisk_gdpr.adapters.register.recordings import state_of
from asterisk_gdpr.adapters.register.tables import handovers, recordings, remarks, restrictions, tombstones
from asterisk_gdpr.core.rights import Handover, Remark, RemarkKind, Restriction, RestrictionGround
from asterisk_gdpr.errors import Refused

_remarks_of = select(remarks.c.id).where(remarks.c.recording == bindparam("of"))
_recipients_of = select(handovers.c.id).where(handovers.c.recording == bindparam("of"))
_tell = (
    update(handovers)
    .where(handovers.c.recording == bindparam("of"), handovers.c.recipient != "")
    .values(
        tell_since=bindparam("since", type_=handovers.c.tell_since.type),
        tell_about=bindparam("about"),
        told_at=None,
    )
)


def is_restricted() -> ColumnElement[bool]:
    """Of a row of `recordings`: whether a person's restriction stands, which no period ends."""
    stands = (restrictions.c.recording == recordings.c.id, restrictions.c.lifted_at.is_(None))
    return exists().where(*stands).correlate(recordings)


def wipe_remarks(connection: Connection, recording: str) -> None:
    """What was written beside a recording goes with its keys."""
    ids = list(connection.execute(_remarks_of, {"of": recording}).scalars())
    wipe_text(connection, remarks, "id", ids, "text", "by")


def settle_handovers(connection: Connection, recording: str, at: datetime) -> None:
    """The recording is erased: its recipients must be told, and how long we know of them begins to run."""
    ids = list(connection.execute(_recipients_of, {"of": recording}).scalars())
    if ids:
        connection.execute(_tell, {"of": recording, "since": at, "about": "erased"})
        for id in ids:
            begin(connection, "recipients", id, at)


class Rights(Book):
    """Plays `ports.RightsBook`."""

    def add_restriction(self, restriction: Restriction) -> None:
        """The flag of the recording is what every listener meets."""
        with self._database.writing() as connection:
            state_of(connection, restriction.recording)
            connection.execute(
                insert(restrictions).values(
                    id=restriction.id,
                    recording=restriction.recording,
                    ground=restriction.ground,
                    request=restriction.request,
                    at=restriction.at,
                )
            )
            connection.execute(
                update(recordings)
                .where(recordings.c.id == restriction.recording, recordings.c.restricted_at.is_(None))
                .values(restricted_at=restriction.at, restriction=restriction.ground)
            )
            entry = {"recording": restriction.recording, "reason": restriction.ground}
            append(connection, restriction.at, "recording-restricted", entry)

    def note_told(self, restriction: str, at: datetime) -> None:
        """Before it is lifted."""
        with self._database.writing() as connection:
            _restriction_row(connection, restriction)
            told = update(restrictions).where(restrictions.c.id == restriction).values(told_at=at)
            connection.execute(told)

    def lift_restriction(self, restriction: str, at: datetime) -> None:
        """A tombstone keeps the recording closed for good."""
        with self._database.writing() as connection:
            row = _restriction_row(connection, restriction)
            if row.lifted_at is not None:
                raise Refused(f"The restriction {restriction} is lifted already.", id="lifted-already")
            connection.execute(
                update(restrictions).where(restrictions.c.id == restriction).values(lifted_at=at)
            )
            marked = select(tombstones.c.recording).where(tombstones.c.recording == row.recording)
            others = select(restrictions.c.id).where(
                restrictions.c.recording == row.recording, restrictions.c.lifted_at.is_(None)
            )
            if not connection.execute(marked).first() and not connection.execute(others).first():
                connection.execute(
                    update(recordings)
                    .where(recordings.c.id == row.recording)
                    .values(restricted_at=None, restriction=None)
                )
            append(connection, at, "restriction-lifted", {"recording": row.recording})

    def restriction(self, restriction: str) -> Restriction:
        """One restriction by its id."""
        with self._database.reading() as connection:
            return _restriction(_restriction_row(connection, restriction))

    def restrictions(self, recording: str = "") -> list[Restriction]:
        """Those that stand."""
        query = select(restrictions).where(restrictions.c.lifted_at.is_(None))
        if recording:
            query = query.where(restrictions.c.recording == recording)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(restrictions.c.at, restrictions.c.id))
            return [_restriction(row) for row in rows]

    def add_remark(self, remark: Remark) -> None:
        """The ledger has that there is one, and not a word of it."""
        with self._database.writing() as connection:
            state_of(connection, remark.recording)
            connection.execute(
                insert(remarks).values(
                    id=remark.id,
                    recording=remark.recording,
                    kind=remark.kind,
                    text=remark.text,
                    by=remark.by,
                    at=remark.at,
                    request=remark.request,
                )
            )
            entry = {"recording": remark.recording, "remark": remark.id, "kind": remark.kind}
            append(connection, remark.at, "remark-added", entry)

    def remarks(self, recording: str) -> list[Remark]:
        """Oldest first."""
        query = select(remarks).where(remarks.c.recording == recording)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(remarks.c.at, remarks.c.id))
            return [_remark(row) for row in rows if row.text]

    def add_handover(self, handover: Handover) -> None:
        """Told to the ledger by whoever takes it out."""
        with self._database.writing() as connection:
            state_of(connection, handover.recording)
            connection.execute(
                insert(handovers).values(
                    id=handover.id,
                    recording=handover.recording,
                    at=handover.at,
                    by=handover.by,
                    recipient=handover.recipient,
                    form=handover.form,
                    tell_about="",
                )
            )

    def handovers(self, recording: str = "", *, untold: bool = False) -> list[Handover]:
        """Oldest first."""
        query = select(handovers).order_by(handovers.c.at, handovers.c.id)
        if recording:
            query = query.where(handovers.c.recording == recording)
        if untold:
            query = query.where(handovers.c.tell_since.is_not(None), handovers.c.told_at.is_(None))
        with self._database.reading() as connection:
            return [_handover(row) for row in connection.execute(query)]

    def tell_recipients(self, recording: str, about: str, at: datetime) -> int:
        """What they were told before does not count for what is new."""
        with self._database.writing() as connection:
            return connection.execute(_tell, {"of": recording, "since": at, "about": about}).rowcount

    def note_recipient_told(self, handover: str, at: datetime) -> None:
        """The ledger has it, by our id."""
        with self._database.writing() as connection:
            told = update(handovers).where(handovers.c.id == handover).values(told_at=at)
            if not connection.execute(told).rowcount:
                raise unknown("handover", handover)
            append(connection, at, "recipient-told", {"handover": handover})


def _restriction_row(connection: Connection, id: str) -> Row[Any]:
    row = connection.execute(select(restrictions).where(restrictions.c.id == id)).one_or_none()
    if row is None:
        raise unknown("restriction", id)
    return row


def _restriction(row: Row[Any]) -> Restriction:
    ground = RestrictionGround(row.ground)
    return Restriction(row.id, row.recording, ground, row.at, row.request, row.told_at, row.lifted_at)


def _remark(row: Row[Any]) -> Remark:
    return Remark(row.id, row.recording, RemarkKind(row.kind), row.text, row.by, row.at, row.request)


def _handover(row: Row[Any]) -> Handover:
    return Handover(
        row.id,
        row.recording,
        row.at,
        row.by,
        row.recipient,
        row.form,
        row.tell_since,
        row.tell_about,
        row.told_at,
    )
