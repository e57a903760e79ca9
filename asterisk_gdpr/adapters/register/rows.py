"""From rows to the values of `core.recording`, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from asterisk_gdpr.adapters.register.columns import one_of
from asterisk_gdpr.adapters.register.tables import recordings, terms
from asterisk_gdpr.core.policy import Basis, Period, Unit
from asterisk_gdpr.core.recording import Codec, Progress, Recording, State, Term
from asterisk_gdpr.core.retention import expiry


def recording_of(row: Row[Any]) -> Recording:
    """A row of `recordings`."""
    return Recording(
        id=row.id,
        call=row.call,
        line=row.line,
        state=one_of(State, row.state),
        policy=row.policy,
        node=row.node,
        rate=row.rate,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        frames=row.frames,
        restricted=row.restricted_at is not None,
        codec=one_of(Codec, row.codec),
    )


def progress_of(row: Row[Any]) -> Progress:
    """How far a row of `recordings` says it is sealed."""
    return Progress(
        recording=row.id,
        size=row.size,
        chain=row.chain,
        segments=row.segments,
        generation=row.generation,
        stretch=row.stretch,
        consumed=row.consumed,
        frames=row.frames,
    )


def progress_values(progress: Progress) -> dict[str, Any]:
    """The columns of `recordings` that say how far it is sealed."""
    values = asdict(progress)
    del values["recording"]
    return values


def term_of(row: Row[Any]) -> Term:
    """A row of `terms`."""
    return Term(
        recording=row.recording,
        purpose=row.purpose,
        basis=one_of(Basis, row.basis),
        keep=Period(row.keep_count, one_of(Unit, row.keep_unit)),
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def add_terms(connection: Connection, added: Iterable[Term]) -> None:
    """Purposes of a new recording."""
    connection.execute(
        insert(terms),
        [
            {
                "recording": term.recording,
                "purpose": term.purpose,
                "basis": term.basis,
                "keep_count": term.keep.count,
                "keep_unit": term.keep.unit,
                "expires_at": term.expires_at,
                "ended_at": term.ended_at,
                "ended_by": term.ended_by,
            }
            for term in added
        ],
    )


def terms_of(connection: Connection, recording: str) -> list[Term]:
    """A recording's purposes, by name."""
    query = select(terms).where(terms.c.recording == recording).order_by(terms.c.purpose)
    return [term_of(row) for row in connection.execute(query)]


_set_ends = (
    update(terms)
    .where(terms.c.recording == bindparam("of_recording"), terms.c.purpose == bindparam("of_purpose"))
    .values(expires_at=bindparam("expires"), ended_at=bindparam("ended"), ended_by=bindparam("by"))
)


_set_keeps = (
    update(terms)
    .where(terms.c.recording == bindparam("of_recording"), terms.c.purpose == bindparam("of_purpose"))
    .values(keep_count=bindparam("count"), keep_unit=bindparam("unit"))
)


def set_keeps(connection: Connection, recording: str, changed: Iterable[Term]) -> None:
    """Write by which period purposes end."""
    connection.execute(
        _set_keeps,
        [
            {
                "of_recording": recording,
                "of_purpose": term.purpose,
                "count": term.keep.count,
                "unit": term.keep.unit,
            }
            for term in changed
        ],
    )


def set_ends(connection: Connection, recording: str, changed: Iterable[Term]) -> None:
    """Write when purposes end, and keep `recordings.due_at` in step."""
    connection.execute(
        _set_ends,
        [
            {
                "of_recording": recording,
                "of_purpose": term.purpose,
                "expires": term.expires_at,
                "ended": term.ended_at,
                "by": term.ended_by,
            }
            for term in changed
        ],
    )
    due_at = expiry(terms_of(connection, recording))
    connection.execute(update(recordings).where(recordings.c.id == recording).values(due_at=due_at))
