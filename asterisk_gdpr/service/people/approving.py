"""A second person's approval: asked for, given or refused once, and lapsed where nobody answered.

A question that nobody answers must not stand for ever: who asked would wait for nothing, and a yes that comes
weeks later would open a recording for a reason that has passed. It lapses after `WAITS`, the ledger is told,
and it can be asked anew.
"""

from __future__ import annotations

from datetime import timedelta

from asterisk_gdpr.ports import Approval, ApprovalBook, Clock
from asterisk_gdpr.service.ids import new_id

WAITS = timedelta(days=7)
"""So long an answer is waited for: long enough for who is away for some days."""

LASTS = timedelta(hours=24)
"""So long a yes holds."""

_MOST_SHOWN = 20


class Approving:
    """Questions and answers; every one of its methods first lets lapse what has waited for too long."""

    def __init__(self, register: ApprovalBook, clock: Clock) -> None:
        self._register = register
        self._clock = clock

    def tick(self) -> int:
        """Let lapse what nobody has answered; returns how many there were."""
        now = self._clock.now()
        return self._register.lapse_approvals(now - WAITS, now)

    def ask(self, recording: str, purpose: str, reason: str, by: str) -> None:
        """Ask once: a question that waits already is not asked beside itself."""
        if not any(one.decided_at is None and one.purpose == purpose for one in self.about(recording, by)):
            asked = Approval(new_id("q"), recording, purpose, by, reason, self._clock.now())
            self._register.ask_approval(asked)

    def decide(self, id: str, by: str, *, granted: bool) -> None:
        """Answer; raises Refused: `decided-already`, `approval-lapsed`, `own-approval`."""
        self.tick()
        now = self._clock.now()
        self._register.decide_approval(id, by, granted, now, now + LASTS)

    def waiting(self) -> list[Approval]:
        """Those that wait for an answer, oldest first."""
        self.tick()
        return self._register.open_approvals()

    def about(self, recording: str, by: str) -> list[Approval]:
        """What a person has asked for a recording, newest first."""
        self.tick()
        return self._register.approvals(recording, by)

    def asked_by(self, user: str) -> list[Approval]:
        """What a person asked last, newest first, with what became of it."""
        self.tick()
        return self._register.approvals_by(user, _MOST_SHOWN)
