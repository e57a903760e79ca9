"""Epochs, recipients, and the walk over everything that is sealed to an epoch, as rows.

Which columns are sealed is known from the tables themselves: those of the type `Sealed`. So what is added
to the register later is sealed anew like the rest, and cannot be forgotten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.columns import Sealed
from asterisk_gdpr.adapters.register.tables import epochs, metadata, recipients
from asterisk_gdpr.core.epoch import Binding, Epoch, Position, Recipient, Role, SealedAnew, SealedRow
from asterisk_gdpr.errors import Refused

_HEAD = 16
"""So many zeroes at its beginning, and a sealed value has been overwritten: no ciphertext begins so."""


def sealed_tables() -> list[Table]:
    """The tables in which something is sealed, by name."""
    return [table for _, table in sorted(metadata.tables.items()) if _sealed(table)]


class Epochs(Book):
    """Plays `ports.EpochBook`."""

    def add_epoch(
        self, epoch: str, algorithm: str, public: bytes, at: datetime, voucher: bytes | None = None
    ) -> None:
        """A new key pair of the vault begins its life."""
        row = {"id": epoch, "algorithm": algorithm, "public": public, "began_at": at, "voucher": voucher}
        with self._database.writing() as connection:
            connection.execute(insert(epochs).values(**row))
            append(connection, at, "epoch-begun", {"epoch": epoch})

    def vouch_epoch(self, epoch: str, voucher: bytes) -> None:
        """No entry: it tells nothing that is new."""
        with self._database.writing() as connection:
            _epoch(connection, epoch)
            connection.execute(update(epochs).where(epochs.c.id == epoch).values(voucher=voucher))

    def reject_epoch(self, epoch: str, by: str, at: datetime) -> bool:
        """Its row goes; the ledger keeps that there was one."""
        with self._database.writing() as connection:
            _epoch(connection, epoch)
            if _seals(connection, epoch):
                return False
            connection.execute(delete(epochs).where(epochs.c.id == epoch))
            append(connection, at, "epoch-rejected", {"user": by, "epoch": epoch})
            return True

    def epoch(self) -> tuple[str, bytes, datetime] | None:
        """The latest one."""
        query = select(epochs.c.id, epochs.c.public, epochs.c.began_at).order_by(epochs.c.began_at.desc())
        with self._database.reading() as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return (row.id, row.public, row.began_at) if row else None

    def epochs(self) -> list[Epoch]:
        """All of them, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(epochs).order_by(epochs.c.began_at))
            return [Epoch(**row._mapping) for row in rows]

    def add_recipient(self, recipient: Recipient) -> None:
        """Add one, or put it in the place of one of the same name."""
        entry = {"recipient": recipient.name, "role": str(recipient.role), "key": recipient.key_id}
        with self._database.writing() as connection:
            connection.execute(delete(recipients).where(recipients.c.name == recipient.name))
            connection.execute(
                insert(recipients).values(
                    name=recipient.name,
                    role=recipient.role,
                    algorithm=recipient.algorithm,
                    key_id=recipient.key_id,
                    public=recipient.public,
                    added_at=recipient.added_at,
                )
            )
            append(connection, recipient.added_at, "recipient-added", entry)

    def reject_recipient(self, name: str, key_id: str, by: str, at: datetime) -> None:
        """Its row goes; the ledger keeps that there was one."""
        entry = {"user": by, "recipient": name, "key": key_id}
        this = (recipients.c.name == name, recipients.c.key_id == key_id)
        with self._database.writing() as connection:
            if connection.execute(delete(recipients).where(*this)).rowcount:
                append(connection, at, "recipient-rejected", entry)

    def recipients(self) -> list[Recipient]:
        """Who can open an epoch's private key."""
        with self._database.reading() as connection:
            rows = connection.execute(select(recipients).order_by(recipients.c.name))
            return [
                Recipient(row.name, Role(row.role), row.algorithm, row.key_id, row.public, row.added_at)
                for row in rows
            ]

    def sealed_rows(self, epoch: str, after: Position, limit: int) -> tuple[list[SealedRow], Position | None]:
        """Along each table's index of epoch and key: a walk of a million rows reads each once."""
        with self._database.reading() as connection:
            for table in sealed_tables():
                if table.name < after.table:
                    continue
                start = after.key if table.name == after.table else ()
                rows = connection.execute(_page(table, epoch, start).limit(limit)).all()
                if rows:
                    found = [_row(table, row) for row in rows]
                    return [row for row in found if row.values], Position(table.name, _key(table, rows[-1]))
        return [], None

    def count_sealed(self, epoch: str) -> int:
        """Of all tables together, what was overwritten left out."""
        with self._database.reading() as connection:
            return sum(connection.execute(_count(table, epoch)).scalar_one() for table in sealed_tables())

    def seal_anew(self, rows: Sequence[SealedAnew], epoch: str) -> int:
        """In place: a sealed value keeps its length, so no row moves and nothing is left behind."""
        with self._database.writing() as connection:
            return sum(_overwrite(connection, row, epoch) for row in rows)

    def end_epoch(self, epoch: str, at: datetime) -> bool:
        """From the commit on, nothing can be sealed to it: see `require_living_epoch`."""
        with self._database.writing() as connection:
            row = _epoch(connection, epoch)
            if row.ended_at is not None:
                return True
            if _seals(connection, epoch):
                return False
            connection.execute(update(epochs).where(epochs.c.id == epoch).values(ended_at=at))
            append(connection, at, "epoch-ended", {"epoch": epoch})
            return True

    def finish_epoch(self, epoch: str, at: datetime, certificate: bytes) -> None:
        """Told once; refused before nothing is sealed to it any more."""
        with self._database.writing() as connection:
            row = _epoch(connection, epoch)
            if row.ended_at is None:
                raise Refused(f"The epoch {epoch} has not ended.", id="epoch-lives")
            if row.destroyed_at is None:
                values = {"destroyed_at": at, "certificate": certificate}
                connection.execute(update(epochs).where(epochs.c.id == epoch).values(**values))
                append(connection, at, "epoch-destroyed", {"epoch": epoch})


_epoch_ended = select(epochs.c.ended_at).where(epochs.c.id == bindparam("of"))


def require_living_epoch(connection: Connection, epoch: str) -> None:
    """Refuse to seal to an epoch that has ended: its private key is about to be destroyed, or is."""
    ended_at = connection.execute(_epoch_ended, {"of": epoch}).scalar_one_or_none()
    if ended_at is not None:
        raise Refused(
            f"The epoch {epoch} of the vault's key has ended: nothing may be sealed to it.",
            hint="Try again: the daemon learns of the next epoch within a second.",
            id="epoch-over",
        )


def _seals(connection: Connection, epoch: str) -> bool:
    """Whether anything is sealed to it."""
    living = (_count(table, epoch).with_only_columns(table.c.epoch).limit(1) for table in sealed_tables())
    return any(connection.execute(query).first() is not None for query in living)


def _sealed(table: Table) -> dict[str, Sealed]:
    return {column.name: column.type for column in table.c if isinstance(column.type, Sealed)}


def _is_there(table: Table) -> ColumnElement[bool]:
    """Whether anything sealed is left in a row."""
    return or_(
        *(
            func.substr(table.c[name], literal_column("1"), literal_column(str(_HEAD)), type_=LargeBinary)
            != bindparam(None, bytes(_HEAD), LargeBinary)
            for name in _sealed(table)
        )
    )


def _page(table: Table, epoch: str, after: tuple[str | int, ...]) -> Select[Any]:
    key = list(table.primary_key.columns)
    query = select(table).where(table.c.epoch == epoch).order_by(*key)
    return query.where(tuple_(*key) > after) if after else query


def _count(table: Table, epoch: str) -> Select[Any]:
    return select(func.count()).select_from(table).where(table.c.epoch == epoch, _is_there(table))


def _key(table: Table, row: Row[Any]) -> tuple[str | int, ...]:
    return tuple(row._mapping[column.name] for column in table.primary_key.columns)


def _row(table: Table, row: Row[Any]) -> SealedRow:
    key = _key(table, row)
    own = tuple(str(part) for part in key)
    values = {
        name: (Binding(kind.use, (*kind.names, *own)), row._mapping[name])
        for name, kind in _sealed(table).items()
        if row._mapping[name] is not None
    }
    return SealedRow(table.name, key, row.epoch, values)


def _overwrite(connection: Connection, row: SealedAnew, epoch: str) -> int:
    table = metadata.tables[row.before.table]
    key = zip(table.primary_key.columns, row.before.key, strict=True)
    values: dict[str, Any] = {"epoch": epoch, **row.values}
    if "sha256" in table.c:
        (value,) = row.values.values()
        values["sha256"] = hashlib.sha256(value).hexdigest()
    as_it_was = [table.c[name] == value for name, (_, value) in row.before.values.items()]
    changed = connection.execute(
        update(table)
        .where(*(column == part for column, part in key), table.c.epoch == row.before.epoch, *as_it_was)
        .values(**values)
    )
    return changed.rowcount


def _epoch(connection: Connection, epoch: str) -> Row[Any]:
    row = connection.execute(select(epochs).where(epochs.c.id == epoch)).one_or_none()
    if row is None:
        raise unknown("epoch", epoch)
    return row
