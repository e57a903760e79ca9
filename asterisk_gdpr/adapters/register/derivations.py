"""Recordings that are made of others, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.columns import one_of
from asterisk_gdpr.adapters.register.kinds import wipe_bytes
from asterisk_gdpr.adapters.register.recordings import insert_key, insert_recording, state_of
from asterisk_gdpr.adapters.register.rows import add_terms, recording_of, set_ends
from asterisk_gdpr.adapters.register.tables import calls, derivations, recordings
from asterisk_gdpr.core.recording import (
    Derivation,
    DerivedAs,
    Progress,
    Recording,
    State,
    Term,
    WrappedKey,
)
from asterisk_gdpr.errors import Refused

_living_of_call = (
    select(recordings)
    .where(recordings.c.call == bindparam("of"), recordings.c.state != State.ERASED)
    .order_by(recordings.c.created_at, recordings.c.id)
)


class Derivations(Book):
    """Plays `ports.DerivationBook`."""

    def begin_derivation(self, derivation: Derivation) -> None:
        """The intent."""
        with self._database.writing() as connection:
            state_of(connection, derivation.of)
            connection.execute(
                insert(derivations).values(
                    recording=derivation.recording,
                    of=derivation.of,
                    kind=derivation.kind,
                    begun_at=derivation.begun_at,
                )
            )
            entry = {"recording": derivation.recording, "of": derivation.of, "kind": derivation.kind}
            append(connection, derivation.begun_at, "derivation-begun", entry)

    def finish_derivation(
        self,
        recording: Recording,
        key: WrappedKey,
        terms: Iterable[Term],
        progress: Progress,
        record: bytes,
        at: datetime,
    ) -> None:
        """The new recording as it stays, and the intent is fulfilled."""
        purposes = list(terms)
        with self._database.writing() as connection:
            row = connection.execute(
                select(derivations).where(
                    derivations.c.recording == recording.id, derivations.c.done_at.is_(None)
                )
            ).one_or_none()
            if row is None:
                raise Refused("What was to be made was given up meanwhile.", id="derivation-dropped")
            if state_of(connection, row.of) is not State.SEALED:
                raise Refused("It has been erased, or is being erased.", id="erased")
            chosen = select(recordings.c.choice).where(recordings.c.id == row.of).scalar_subquery()
            insert_recording(connection, recording, chosen, progress)
            add_terms(connection, purposes)
            set_ends(connection, recording.id, purposes)
            insert_key(connection, key)
            connection.execute(
                update(derivations)
                .where(derivations.c.recording == recording.id)
                .values(done_at=at, record=record)
            )
            if row.kind == DerivedAs.REDACTED:
                _name(connection, recording.call, recording.id)
            entry = {
                "recording": recording.id,
                "of": row.of,
                "kind": row.kind,
                "purposes": sorted(term.purpose for term in purposes),
                "chain": progress.chain.hex(),
            }
            append(connection, at, "recording-derived", entry)

    def drop_derivation(self, recording: str) -> None:
        """Nothing was made: the row says nothing that must be kept."""
        with self._database.writing() as connection:
            connection.execute(
                delete(derivations).where(
                    derivations.c.recording == recording, derivations.c.done_at.is_(None)
                )
            )

    def derivations(self, recording: str) -> list[Derivation]:
        """By which it was made, and of which."""
        query = (
            select(derivations)
            .where(
                or_(derivations.c.recording == recording, derivations.c.of == recording),
                derivations.c.done_at.is_not(None),
            )
            .order_by(derivations.c.done_at, derivations.c.recording)
        )
        with self._database.reading() as connection:
            return [_value(row) for row in connection.execute(query)]

    def derivations_begun(self, before: datetime) -> list[Derivation]:
        """What was not brought to its end."""
        query = select(derivations).where(derivations.c.done_at.is_(None), derivations.c.begun_at < before)
        with self._database.reading() as connection:
            return [_value(row) for row in connection.execute(query)]

    def recordings_of_call(self, call: str) -> list[Recording]:
        """Those that are not erased."""
        with self._database.reading() as connection:
            return [recording_of(row) for row in connection.execute(_living_of_call, {"of": call})]


def others_of_call(connection: Connection, call: str, recording: str) -> list[str]:
    """The recordings of a call that are not erased, but for this one."""
    return [row.id for row in connection.execute(_living_of_call, {"of": call}) if row.id != recording]


def name_another(connection: Connection, call: str, recording: str) -> None:
    """A recording is erased: the call that named it names one that was made of it, if any lives."""
    left = others_of_call(connection, call, recording)
    named = connection.execute(select(calls.c.recording).where(calls.c.id == call)).scalar_one()
    if left and named == recording:
        _name(connection, call, left[0])


def wipe_record(connection: Connection, recording: str) -> None:
    """Who made it of which, and why, goes with its keys."""
    wipe_bytes(connection, derivations, "recording", [recording], "record")


def _name(connection: Connection, call: str, recording: str) -> None:
    connection.execute(update(calls).where(calls.c.id == call).values(recording=recording))


def _value(row: Row[Any]) -> Derivation:
    return Derivation(
        row.recording, row.of, one_of(DerivedAs, row.kind), row.begun_at, row.done_at, row.record
    )
