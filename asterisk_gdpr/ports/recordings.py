"""What the register keeps of recordings, and how they are looked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.policy import Period
from asterisk_gdpr.core.policy_diff import Kept
from asterisk_gdpr.core.recording import Progress, Recording, State, Term, WrappedKey
from asterisk_gdpr.ports.calls import CallRow


@dataclass(frozen=True)
class Search:
    """What a listener looks for; times are UTC, half-open; empty fields do not narrow."""

    caller_index: bytes | None = None
    line: str = ""
    lines: frozenset[str] | None = None
    """Only recordings of these lines, whatever else is looked for; None does not narrow."""
    recordings: frozenset[str] | None = None
    """Only these, by id; None does not narrow."""
    choice: str = ""
    queue: str = ""
    """Only of calls that came through this queue of the PBX."""
    agent: str = ""
    """Only those that this agent, by our id, took part in."""
    shortest: int | None = None
    """At least so many seconds; `longest` at most."""
    longest: int | None = None
    restricted: bool | None = None
    purposes: frozenset[str] | None = None
    """Only recordings that exist for one of these; None does not narrow."""
    living_at: datetime | None = None
    """Purposes that have ended by this time count no more."""
    states: frozenset[State] = frozenset({State.SEALED})
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, str] | None = None
    """Continue after this (created_at, id): pages by key, not by offset."""
    limit: int = 50


@dataclass(frozen=True)
class Found:
    """A recording together with its call and its purposes (in a search: those alive at `living_at`)."""

    recording: Recording
    call: CallRow
    terms: tuple[Term, ...]


class RecordingBook(Protocol):
    """Recordings, their keys, purposes and progress."""

    def add_recording(
        self, recording: Recording, key: WrappedKey, terms: Iterable[Term], progress: Progress
    ) -> None:
        """The recording, its wrapped key and its purposes, in one transaction, before any capture.

        The call then names the recording. No purpose, no recording: `Refused`.
        """
        ...

    def add_key(self, key: WrappedKey, progress: Progress) -> None:
        """A new generation's wrapped key; refused when a tombstone stands."""
        ...

    def recording(self, recording: str) -> Recording: ...
    def progress(self, recording: str) -> Progress: ...
    def commit_progress(self, batch: Sequence[tuple[Progress, datetime]]) -> None:
        """The state of many recordings' containers in one transaction; PREPARED becomes CAPTURING.

        Each comes with the time of its first sound; the first commit with audio in it sets `started_at`.
        A recording that bears a tombstone stays ERASING, one that is erased is left alone.
        """
        ...

    def seal_recording(
        self, progress: Progress, ended_at: datetime, peaks: bytes = b"", manifest: str = ""
    ) -> None:
        """The container is closed: state SEALED, and each purpose starts its clock at `ended_at`.

        `peaks` is its waveform, sealed under the data key of the generation in `progress`; it goes with
        the keys. A recording that bears a tombstone stays ERASING, and its waveform is not kept.
        `manifest` is the SHA-256 of the manifest, in hexadecimal; the ledger has it, and the chain.
        """
        ...

    def peaks(self, recording: str) -> tuple[int, bytes] | None:
        """The sealed waveform, and the generation of the data key that opens it; None if there is none."""
        ...

    def end_terms(self, recording: str, purposes: Iterable[str], at: datetime, by: str) -> None:
        """End purposes before their date; `by` is a code (`withdrawn`, `objected`)."""
        ...

    def shorten_terms(
        self, recording: str, keeps: Mapping[str, Period], at: datetime, policy: str
    ) -> list[Term]:
        """Let purposes of a sealed recording end by shorter periods, reckoned from its end; returns those.

        A period that would end a purpose later, or at the same time, changes nothing. `policy` is the
        version that the shorter periods come from; the ledger has it.
        """
        ...

    def restrict(self, recording: str, at: datetime, reason: str) -> None:
        """Nobody may listen any more (Art. 18); `reason` is a code."""
        ...

    def keys(self, recording: str) -> list[WrappedKey]: ...
    def terms(self, recording: str) -> list[Term]: ...
    def unfinished(self, node: str) -> list[Recording]:
        """PREPARED or CAPTURING on this node."""
        ...

    def of_caller(self, caller_index: bytes) -> list[Recording]:
        """Every recording of a caller that is not erased yet, oldest first."""
        ...

    def search(self, search: Search) -> list[Found]:
        """Newest first."""
        ...

    def count_recordings(self) -> Mapping[State, int]:
        """How many there are in each state; states without any are left out."""
        ...

    def count_by_policy(self) -> Mapping[str, int]:
        """How many recordings were made under each version of the policy, those that are erased too."""
        ...

    def count_kept(self, at: datetime) -> list[Kept]:
        """How many recordings exist for each purpose that is alive at a time, by basis and period."""
        ...

    def found(self, recording: str) -> Found: ...
