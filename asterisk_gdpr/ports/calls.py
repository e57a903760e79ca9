"""What the register keeps of a call: the row, and the evidence of its choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class CallRow:
    """A call as the register keeps it.

    `caller_sealed` opens only with the private key of `caller_epoch`; `caller_index` is the blind index.
    `choice` is a `core.call.Outcome`; `state` is whatever the machine needs to go on after a restart.
    """

    id: str
    channel: str
    linkedid: str
    line: str
    language: str
    node: str
    policy: str
    arrived_at: datetime
    caller_sealed: bytes | None = None
    caller_index: bytes | None = None
    caller_epoch: str | None = None
    choice: str | None = None
    chosen_at: datetime | None = None
    recording: str | None = None
    capture: str | None = None
    ended_at: datetime | None = None
    ending: str | None = None


@dataclass(frozen=True)
class Evidence:
    """What proves a choice: no number, no name; outlives the recording.

    `facts` are JSON: notice parts with SHA-256 and whether each was heard, keys with their times,
    language, what was said.
    """

    call: str
    at: datetime
    outcome: str
    facts: Mapping[str, Any]


class CallBook(Protocol):
    """Calls and the evidence of their choices."""

    def add_call(self, call: CallRow) -> None: ...
    def call(self, call: str) -> CallRow: ...
    def call_by_channel(self, channel: str) -> CallRow | None: ...
    def calls(
        self, *, since: datetime | None = None, line: str = "", linkedid: str = "", limit: int = 50
    ) -> list[CallRow]:
        """Newest first; empty fields do not narrow; `linkedid` is Asterisk's name for a whole call."""
        ...

    def calls_alive(self, node: str) -> list[CallRow]: ...
    def commit_choice(self, evidence: Evidence) -> None:
        """The choice with its evidence and its ledger entry, in one transaction."""
        ...

    def add_receipt(self, call: str, code: bytes) -> None:
        """The keyed hash of a receipt, in the place of an earlier one.

        It goes by its own period, and with the caller's number at the latest.
        """
        ...

    def call_of_receipt(self, code: bytes) -> CallRow | None: ...
    def set_reference(self, call: str, code: bytes, at: datetime, by: str = "") -> None:
        """The keyed hash of what another system calls this call; it goes as a receipt does.

        Raises Refused (`no-recording`) where nothing of the call could be found by it.
        """
        ...

    def add_queue(self, call: str, queue: str) -> None:
        """A queue of the PBX that the call has come through; once is enough. It goes with the call's data."""
        ...

    def queues_of(self, call: str) -> list[str]:
        """In the order in which the call came through them."""
        ...

    def queues(self) -> list[str]:
        """The names of all queues that calls have come through, by name."""
        ...

    def calls_of_reference(self, code: bytes) -> list[CallRow]: ...
    def evidence(self, call: str) -> Evidence | None: ...
    def note_capture(self, call: str, capture: str | None) -> None: ...
    def end_call(self, call: str, at: datetime, ending: str) -> None:
        """The call is over; the caller's number goes at once unless a recording belongs to the call."""
        ...
