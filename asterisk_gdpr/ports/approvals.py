"""A second person's approval of a listening, where a purpose demands one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Approval:
    """Somebody asked to hear a recording for a purpose; and what a second person said."""

    id: str
    recording: str
    purpose: str
    user: str
    reason: str
    asked_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    granted: bool = False
    ends_at: datetime | None = None

    @property
    def lapsed(self) -> bool:
        """Whether nobody answered in time."""
        return self.decided_at is not None and not self.decided_by


class ApprovalBook(Protocol):
    """Questions and answers; both are told to the ledger."""

    def ask_approval(self, approval: Approval) -> None: ...
    def approval(self, id: str) -> Approval: ...
    def decide_approval(self, id: str, by: str, granted: bool, at: datetime, ends_at: datetime) -> None:
        """Answer once; Refused: `decided-already`, `approval-lapsed`, or `own-approval` for whoever asked."""
        ...

    def lapse_approvals(self, asked_until: datetime, at: datetime) -> int:
        """End those that were asked until then and that nobody has answered; returns how many."""
        ...

    def open_approvals(self) -> list[Approval]:
        """Those that nobody has answered, oldest first."""
        ...

    def approvals(self, recording: str, user: str) -> list[Approval]:
        """What a person has asked for a recording, newest first."""
        ...

    def approvals_by(self, user: str, limit: int) -> list[Approval]:
        """What a person has asked, newest first."""
        ...
