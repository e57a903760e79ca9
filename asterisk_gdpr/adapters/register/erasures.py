"""Tombstones and what follows from them, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from asterisk_gdpr.adapters.register.approvals import wipe_approvals
from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.calls import index_of_call, settle_call, wipe_caller
from asterisk_gdpr.adapters.register.clips import wipe_clips
from asterisk_gdpr.adapters.register.columns import wiped
from asterisk_gdpr.adapters.register.derivations import name_another, others_of_call, wipe_record
from asterisk_gdpr.adapters.register.holds import holds_over, is_held
from asterisk_gdpr.adapters.register.kinds import wipe_bytes
from asterisk_gdpr.adapters.register.marks import wipe_marks
from asterisk_gdpr.adapters.register.people import forget_searches, wipe_participants
from asterisk_gdpr.adapters.register.recordings import keys_of, state_of
from asterisk_gdpr.adapters.register.rights import is_restricted, settle_handovers, wipe_remarks
from asterisk_gdpr.adapters.register.rows import recording_of
from asterisk_gdpr.adapters.register.tables import peaks, recordings, tombstones, wrapped_keys
from asterisk_gdpr.core.recording import DestroyedKey, Reason, Recording, State, Tombstone
from asterisk_gdpr.errors import Refused

_tombstone = select(tombstones).where(tombstones.c.recording == bindparam("of"))
_insert = insert(tombstones)
_finish = update(tombstones).where(tombstones.c.recording == bindparam("of"), tombstones.c.done_at.is_(None))
_call = select(recordings.c.call).where(recordings.c.id == bindparam("of"))
_set_state = update(recordings).where(recordings.c.id == bindparam("of"))
_wipe_key = update(wrapped_keys).where(
    wrapped_keys.c.recording == bindparam("of"), wrapped_keys.c.generation == bindparam("number")
)


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
            standing = _row(connection, recording)
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
                _insert,
                {
                    "recording": recording,
                    "reason": tombstone.reason,
                    "created_at": tombstone.created_at,
                    "due_at": tombstone.due_at,
                },
            )
            connection.execute(_set_state, {"of": recording, "state": State.ERASING})
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
            row = _row(connection, recording)
        return _value(row) if row else None

    def destroy_keys(self, recording: str, at: datetime) -> list[DestroyedKey]:
        """Overwrite; the ledger is told when there was something to overwrite."""
        with self._database.writing() as connection:
            if _row(connection, recording) is None:
                raise Refused(f"Recording {recording} bears no tombstone.", id="no-tombstone")
            if holds_over(connection, recording):
                raise Refused(f"A hold stands over recording {recording}.", id="held")
            rows = connection.execute(keys_of, {"of": recording}).all()
            living = [row for row in rows if row.wrapped is not None]
            for row in living:
                place = {"of": recording, "number": row.generation}
                connection.execute(_wipe_key, {**place, "wrapped": wiped(row.wrapped)})
            call = connection.execute(_call, {"of": recording}).scalar_one()
            if not others_of_call(connection, call, recording):
                index = index_of_call(connection, call)
                wipe_caller(connection, call)
                if index:
                    forget_searches(connection, index)
            wipe_record(connection, recording)
            wipe_remarks(connection, recording)
            wipe_participants(connection, recording)
            wipe_marks(connection, "recording", recording)
            wipe_bytes(connection, peaks, "recording", [recording], "waveform")
            wipe_approvals(connection, recording)
            wipe_clips(connection, recording)
            if living:
                entry = {"recording": recording, "keys": [row.sha256 for row in living]}
                append(connection, at, "keys-destroyed", entry)
        return [DestroyedKey(row.recording, row.generation, row.epoch, row.sha256) for row in rows]

    @property
    def wipes(self) -> bool:
        """Whether the database is one that can."""
        return self._database.wipes

    def checkpoint(self) -> bool:
        """Let nothing of what was overwritten remain, as far as the database can."""
        return self._database.checkpoint()

    def finish_erasure(self, recording: str, at: datetime, certificate: bytes) -> None:
        """The end of it; the first certificate stands."""
        with self._database.writing() as connection:
            done = {"of": recording, "done_at": at, "certificate": certificate}
            finished = connection.execute(_finish, done)
            if not finished.rowcount:
                if _row(connection, recording) is None:
                    raise Refused(f"Recording {recording} bears no tombstone.", id="no-tombstone")
                return
            connection.execute(_set_state, {"of": recording, "state": State.ERASED})
            settle_handovers(connection, recording, at)
            call = connection.execute(_call, {"of": recording}).scalar_one()
            if others_of_call(connection, call, recording):
                name_another(connection, call, recording)
            else:
                settle_call(connection, call, at)
            append(connection, at, "recording-erased", {"recording": recording})

    def certificate(self, recording: str) -> bytes | None:
        """The certificate of its erasure."""
        with self._database.reading() as connection:
            row = _row(connection, recording)
        return row.certificate if row else None


def due_query(now: datetime, limit: int | None) -> Select[Any]:
    """What is due, held by nothing and restricted by nobody, along the index of `state` and `due_at`."""
    return (
        select(recordings)
        .where(recordings.c.state == State.SEALED, recordings.c.due_at <= now, ~is_held(), ~is_restricted())
        .order_by(recordings.c.due_at)
        .limit(limit)
    )


def _row(connection: Connection, recording: str) -> Row[Any] | None:
    return connection.execute(_tombstone, {"of": recording}).one_or_none()


def _value(row: Row[Any]) -> Tombstone:
    return Tombstone(row.recording, Reason(row.reason), row.created_at, row.due_at, row.done_at)
