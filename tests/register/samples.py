"""Rows to put into a register, all made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from asterisk_gdpr.core.policy import Basis, Period, Unit
from asterisk_gdpr.core.recording import Progress, Recording, State, Term, WrappedKey
from asterisk_gdpr.ports import CallRow, Register

noon = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)
second = timedelta(seconds=1)
day = timedelta(days=1)

number_sealed = b"sealed number of the caller" * 40
number_index = b"index of caller "


def call(id: str = "c1", at: datetime = noon, **values: object) -> CallRow:
    """A call that has just arrived."""
    row = {
        "channel": f"channel-of-{id}",
        "linkedid": f"linked-{id}",
        "line": "sales",
        "language": "en",
        "node": "node1",
        "policy": "version1",
        "caller_sealed": number_sealed,
        "caller_index": number_index,
        "caller_epoch": "epoch1",
        **values,
    }
    return CallRow(id=id, arrived_at=at, **row)  # type: ignore[arg-type]  # a table of mixed values


def recording(id: str = "r1", call: str = "c1", at: datetime = noon, line: str = "sales") -> Recording:
    """A recording that has just been prepared."""
    return Recording(id, call, line, State.PREPARED, "version1", "node1", 8000, at)


def progress(id: str = "r1", frames: int = 0, generation: int = 1) -> Progress:
    """How far a recording is sealed; no audio yet unless `frames` says so."""
    return Progress(id, 100 + frames, b"\x01" * 32, frames // 40_000, generation, 1, frames * 2, frames)


def key(id: str = "r1", generation: int = 1, wrapped: bytes = b"") -> WrappedKey:
    """A wrapped key as long as a real one, unlike every other."""
    return WrappedKey(id, generation, "epoch1", wrapped or f"wrapped key {id} {generation} ".encode() * 60)


def term(id: str = "r1", purpose: str = "quality", basis: Basis = Basis.CONSENT, days: int = 90) -> Term:
    """A purpose whose clock does not run yet."""
    return Term(id, purpose, basis, Period(days, Unit.DAYS))


def prepare(register: Register, id: str = "1", *terms: Term, at: datetime = noon, **values: object) -> str:
    """A call `c<id>` with its recording `r<id>`, before any audio; returns the recording's id."""
    own = call(f"c{id}", at, **values)
    register.add_call(own)
    made = recording(f"r{id}", f"c{id}", at, own.line)
    register.add_recording(made, key(made.id), terms or (term(made.id),), progress(made.id))
    return made.id


def seal(register: Register, id: str = "1", *terms: Term, at: datetime = noon, **values: object) -> str:
    """The same, captured for five seconds and sealed at `at`."""
    made = prepare(register, id, *terms, at=at, **values)
    register.commit_progress([(progress(made, 40_000), at)])
    register.seal_recording(progress(made, 40_000), at)
    return made
