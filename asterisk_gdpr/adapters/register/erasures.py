"""Tombstones and what follows from them, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.calls import wipe_caller
from asterisk_gdpr.adapters.register.columns import wiped
from asterisk_gdpr.adapters.register.recordings import state_of
from asterisk_gdpr.adapters.register.rows import recording_of
from asterisk_gdpr.adapters.register.tables import recordings, tombstones, wrapped_keys
from asterisk_gdpr.core.recording import DestroyedKey, Reason, Recording, State, Tombstone
from asterisk_gdpr.errors import Refused


class Erasures(Book):
    """Plays `ports.ErasureBook`."""

    def due(self, now: datetime, limit: int | None = None) -> list[Recording]:
        """What no purpose needs any longer; a tombstone has taken it out of SEALED."""
        with self._database.reading() as connection:
            return [recording_of(row) for row in connection.execute(due_query(now, limit))]

    def add_tombstone(self, tombstone: Tombstone) -> bool:
        """The intent, before any deed."""
        with self._database.writing() as connection:
            recording = tombstone.recording
            state_of(connection, recording)
            standing = connection.execute(_tombstone(recording)).one_or_none()
            if standing is not None and (standing.done_at or standing.due_at <= tombstone.due_at):
                return False
            entry = {"recording": recording, "reason": tombstone.reason}
            if standing is not None:
                connection.execute(
                    update(tombstones)
                    .where(tombstones.c.recording == recording)
                    .values(due_at=tombstone.due_at)
                )
                append(connection, tombstone.created_at, "tombstone-moved", entry)
                return False
            connection.execute(
                insert(tombstones).values(
                    recording=recording,
                    reason=tombstone.reason,
                    created_at=tombstone.created_at,
                    due_at=tombstone.due_at,
                )
            )
            connection.execute(
                update(recordings).where(recordings.c.id == recording).values(state=State.ERASING)
            )
            append(connection, tombstone.created_at, "tombstone-set", entry)
            return True

    def tombstones(self, now: datetime) -> list[Tombstone]:
        """What is to be carried out, longest due first."""
        query = select(tombstones).where(tombstones.c.done_at.is_(None), tombstones.c.due_at <= now)
        with self._database.reading() as connection:
            return [_value(row) for row in connection.execute(query.order_by(tombstones.c.due_at))]

    def tombstone(self, recording: str) -> Tombstone | None:
        """A recording's tombstone, also when it is done."""
        with self._database.reading() as connection:
            row = connection.execute(_tombstone(recording)).one_or_none()
        return _value(row) if row else None

    def destroy_keys(self, recording: str, at: datetime) -> list[DestroyedKey]:
        """Overwrite; the ledger is told when there was something to overwrite."""
        with self._database.writing() as connection:
            if connection.execute(_tombstone(recording)).one_or_none() is None:
                raise Refused(f"Recording {recording} bears no tombstone.", id="no-tombstone")
            query = select(wrapped_keys).where(wrapped_keys.c.recording == recording)
            rows = connection.execute(query.order_by(wrapped_keys.c.generation)).all()
            living = [row for row in rows if row.wrapped is not None]
            for row in living:
                connection.execute(
                    update(wrapped_keys)
                    .where(wrapped_keys.c.recording == recording, wrapped_keys.c.generation == row.generation)
                    .values(wrapped=wiped(row.wrapped))
                )
            call = select(recordings.c.call).where(recordings.c.id == recording)
            wipe_caller(connection, connection.execute(call).scalar_one())
            if living:
                entry = {"recording": recording, "keys": [row.sha256 for row in living]}
                append(connection, at, "keys-destroyed", entry)
        return [DestroyedKey(row.recording, row.generation, row.epoch, row.sha256) for row in rows]

    def checkpoint(self) -> bool:
        """Let nothing of what was overwritten remain in the journal."""
        return self._database.checkpoint()

    def finish_erasure(self, recording: str, at: datetime, certificate: bytes) -> None:
        """The end of it; the first certificate stands."""
        with self._database.writing() as connection:
            finished = connection.execute(
                update(tombstones)
                .where(tombstones.c.recording == recording, tombstones.c.done_at.is_(None))
                .values(done_at=at, certificate=certificate)
            )
            if not finished.rowcount:
                if connection.execute(_tombstone(recording)).one_or_none() is None:
                    raise Refused(f"Recording {recording} bears no tombstone.", id="no-tombstone")
                return
            connection.execute(
                update(recordings).where(recordings.c.id == recording).values(state=State.ERASED)
            )
            append(connection, at, "recording-erased", {"recording": recording})

    def certificate(self, recording: str) -> bytes | None:
        """The certificate of its erasure."""
        with self._database.reading() as connection:
            row = connection.execute(_tombstone(recording)).one_or_none()
        return row.certificate if row else None


def due_query(now: datetime, limit: int | None) -> Select[Any]:
    """What is due, along the index of `state` and `due_at`."""
    return (
        select(recordings)
        .where(recordings.c.state == State.SEALED, recordings.c.due_at <= now)
        .order_by(recordings.c.due_at)
        .limit(limit)
    )


def _tombstone(recording: str) -> Select[Any]:
    return select(tombstones).where(tombstones.c.recording == recording)


def _value(row: Row[Any]) -> Tombstone:
    return Tombstone(row.recording, Reason(row.reason), row.created_at, row.due_at, row.done_at)
