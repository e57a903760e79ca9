"""Recordings, their keys, purposes and progress, as rows: what is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, bindparam, case, func, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.columns import Time
from asterisk_gdpr.adapters.register.epochs import require_living_epoch
from asterisk_gdpr.adapters.register.rows import add_terms, progress_values, set_ends, set_keeps, terms_of
from asterisk_gdpr.adapters.register.tables import calls, recordings, wrapped_keys
from asterisk_gdpr.adapters.register.tables import peaks as peaks_of
from asterisk_gdpr.core.policy import Period
from asterisk_gdpr.core.recording import Progress, Recording, State, Term, WrappedKey
from asterisk_gdpr.core.retention import shortened, start_clocks
from asterisk_gdpr.errors import Refused

alive = (State.PREPARED, State.CAPTURING)
"""The states in which audio may still come."""

_add_peaks = insert(peaks_of)


class Recordings(Book):
    """Plays the half of `ports.RecordingBook` that writes."""

    def add_recording(
        self, recording: Recording, key: WrappedKey, terms: Iterable[Term], progress: Progress
    ) -> None:
        """All that must be on disk before a capture may begin."""
        purposes = list(terms)
        if not purposes:
            raise Refused(f"Recording {recording.id} has no purpose.", id="no-purpose")
        with self._database.writing() as connection:
            named = update(calls).where(calls.c.id == recording.call).values(recording=recording.id)
            if connection.execute(named).rowcount == 0:
                raise unknown("call", recording.call)
            chosen = select(calls.c.choice).where(calls.c.id == recording.call).scalar_subquery()
            insert_recording(connection, recording, chosen, progress)
            add_terms(connection, purposes)
            insert_key(connection, key)
            entry = {
                "recording": recording.id,
                "call": recording.call,
                "purposes": sorted(term.purpose for term in purposes),
            }
            append(connection, recording.created_at, "recording-prepared", entry)

    def add_key(self, key: WrappedKey, progress: Progress) -> None:
        """A restarted sealer begins a new generation, unless the recording must go."""
        with self._database.writing() as connection:
            if state_of(connection, key.recording) not in alive:
                raise Refused(f"Recording {key.recording} takes no more audio.", id="recording-closed")
            insert_key(connection, key)
            connection.execute(
                update(recordings).where(recordings.c.id == key.recording).values(**progress_values(progress))
            )

    def commit_progress(self, batch: Sequence[tuple[Progress, datetime]]) -> None:
        """Many recordings by one statement."""
        if not batch:
            return
        rows = [
            {
                "of": progress.recording,
                "heard_at": at if progress.frames else None,
                **progress_values(progress),
            }
            for progress, at in batch
        ]
        with self._database.writing() as connection:
            connection.execute(_commit_progress, rows)

    def seal_recording(
        self, progress: Progress, ended_at: datetime, peaks: bytes = b"", manifest: str = ""
    ) -> None:
        """Close it, and let its purposes' clocks run; one that is closed already is left alone."""
        recording = progress.recording
        with self._database.writing() as connection:
            state = state_of(connection, recording)
            if state in (State.SEALED, State.ERASED):
                return
            connection.execute(
                update(recordings)
                .where(recordings.c.id == recording)
                .values(
                    state=State.SEALED if state in alive else state,
                    ended_at=ended_at,
                    seconds=progress.frames // recordings.c.rate,
                    **progress_values(progress),
                )
            )
            if peaks and state in alive:
                kept = {"recording": recording, "generation": progress.generation, "waveform": peaks}
                connection.execute(_add_peaks, kept)
            set_ends(
                connection,
                recording,
                start_clocks(terms_of(connection, recording), ended_at, self._zone),
            )
            entry = {
                "recording": recording,
                "frames": progress.frames,
                "size": progress.size,
                "chain": progress.chain.hex(),
                "manifest_sha256": manifest,
            }
            append(connection, ended_at, "recording-sealed", entry)

    def end_terms(self, recording: str, purposes: Iterable[str], at: datetime, by: str) -> None:
        """End purposes; those that have ended, or never were, are left alone."""
        names = set(purposes)
        with self._database.writing() as connection:
            state_of(connection, recording)
            ended = [
                replace(term, ended_at=at, ended_by=by)
                for term in terms_of(connection, recording)
                if term.purpose in names and term.ended_at is None
            ]
            if not ended:
                return
            set_ends(connection, recording, ended)
            entry = {"recording": recording, "purposes": [term.purpose for term in ended], "by": by}
            append(connection, at, "purposes-ended", entry)

    def shorten_terms(
        self, recording: str, keeps: Mapping[str, Period], at: datetime, policy: str
    ) -> list[Term]:
        """Bring purposes down to shorter periods; none is ever lengthened."""
        with self._database.writing() as connection:
            query = select(recordings.c.state, recordings.c.ended_at).where(recordings.c.id == recording)
            row = connection.execute(query).one_or_none()
            if row is None:
                raise unknown("recording", recording)
            if row.state != State.SEALED:
                return []
            before = [term for term in terms_of(connection, recording) if term.ended_at is None]
            after = [
                shortened(term, keeps.get(term.purpose, term.keep), row.ended_at, self._zone)
                for term in before
            ]
            changed = [new for new, old in zip(after, before, strict=True) if new != old]
            if changed:
                set_keeps(connection, recording, changed)
                set_ends(connection, recording, changed)
                purposes = {term.purpose: str(term.keep) for term in changed}
                entry = {"recording": recording, "purposes": purposes, "policy": policy}
                append(connection, at, "periods-shortened", entry)
            return changed

    def restrict(self, recording: str, at: datetime, reason: str) -> None:
        """Restrict it; the first restriction stands."""
        with self._database.writing() as connection:
            state_of(connection, recording)
            restricted = connection.execute(
                update(recordings)
                .where(recordings.c.id == recording, recordings.c.restricted_at.is_(None))
                .values(restricted_at=at, restriction=reason)
            )
            if restricted.rowcount:
                append(connection, at, "recording-restricted", {"recording": recording, "reason": reason})


keys_of = (
    select(wrapped_keys)
    .where(wrapped_keys.c.recording == bindparam("of"))
    .order_by(wrapped_keys.c.generation)
)
"""Every row of a recording's keys, those that are destroyed too."""

_state = select(recordings.c.state).where(recordings.c.id == bindparam("of"))


def state_of(connection: Connection, recording: str) -> State:
    """A recording's state; refused when there is none of that id."""
    state = connection.execute(_state, {"of": recording}).scalar_one_or_none()
    if state is None:
        raise unknown("recording", recording)
    return State(state)


_commit_progress = (
    update(recordings)
    .where(recordings.c.id == bindparam("of"), recordings.c.state != State.ERASED)
    .values(
        state=case((recordings.c.state == State.PREPARED, State.CAPTURING), else_=recordings.c.state),
        started_at=func.coalesce(recordings.c.started_at, bindparam("heard_at", type_=Time)),
    )
)


def insert_recording(
    connection: Connection, recording: Recording, chosen: ScalarSelect[Any], progress: Progress
) -> None:
    """A recording's row; `chosen` is where the choice that it was made by stands."""
    connection.execute(
        insert(recordings).values(
            id=recording.id,
            call=recording.call,
            line=recording.line,
            state=recording.state,
            policy=recording.policy,
            node=recording.node,
            rate=recording.rate,
            created_at=recording.created_at,
            started_at=recording.started_at,
            ended_at=recording.ended_at,
            choice=chosen,
            codec=recording.codec,
            **progress_values(progress),
        )
    )


def insert_key(connection: Connection, key: WrappedKey) -> None:
    """A wrapped key, to an epoch that lives."""
    require_living_epoch(connection, key.epoch)
    connection.execute(
        insert(wrapped_keys).values(
            recording=key.recording,
            generation=key.generation,
            epoch=key.epoch,
            wrapped=key.wrapped,
            sha256=hashlib.sha256(key.wrapped).hexdigest(),
        )
    )
