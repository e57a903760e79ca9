"""Placing and lifting holds: the rules beside the register's own, which no deletion gets past.

A hold is for a case, on a ground, by a person, with a reason, and ends. What of the recordings was due in
the meantime is erased at the next tick after its end, the part that was withdrawn first of all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.holds import Hold, HoldGround, fewer, taken_back
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, HoldBook, LedgerBook, RecordingBook, Upkeep
from asterisk_gdpr.service.ids import new_id

NEEDS_GROUND = "hold-on-withdrawn"
"""The alarm that audio is held whose consent was taken back, on a ground that does not carry that."""

_CASE = re.compile(r"[\w./ -]{1,64}")


class Book(HoldBook, RecordingBook, LedgerBook, Upkeep, Protocol):
    """What holds need of the register."""


class Holds:
    """Places and lifts them; `policy` returns the policy in force."""

    def __init__(self, register: Book, policy: Callable[[], Policy], clock: Clock) -> None:
        self._register = register
        self._policy = policy
        self._clock = clock

    def place(
        self,
        recordings: Sequence[str],
        *,
        case: str,
        ground: HoldGround,
        why: str,
        by: str,
        until: datetime,
        listeners: frozenset[str] = frozenset(),
        id: str = "",
    ) -> Hold:
        """Suspend the erasure of recordings. `id` is made where none is.

        Raises Refused: `bad-case`, `no-reason`, `hold-ends-before-it-begins`, `nothing-found`,
        `unknown-recording`, `erased`, `withdrawn-needs-claims`, `too-many-listeners`, `unknown-role`.
        """
        now = self._clock.now()
        if not _CASE.fullmatch(case.strip()):
            raise Refused(
                "This is no name of a case.", hint="Write up to 64 letters and digits.", id="bad-case"
            )
        if not why.strip():
            raise Refused("A hold needs its reason.", id="no-reason")
        if until <= now:
            raise Refused("A hold ends after it begins.", id="hold-ends-before-it-begins")
        if not recordings:
            raise Refused("There is no recording to hold.", id="nothing-found")
        roles = {role for purpose in self._policy().purposes.values() for role in purpose.listeners}
        if strangers := listeners - roles:
            raise Refused(
                f"No purpose of the policy names the role {min(strangers)!r}.",
                hint=f"There are: {', '.join(sorted(roles))}.",
                id="unknown-role",
            )
        for recording in recordings:
            self._check_withdrawn(recording, ground, listeners)
        hold = Hold(id or new_id("h"), case.strip(), ground, why.strip(), by, listeners, now, until)
        self._register.add_hold(hold, recordings)
        return hold

    def lift(self, hold: str, by: str) -> None:
        """End a hold before its day; raises Refused `unknown-hold`, `hold-ended`."""
        if not self._register.end_hold(hold, self._clock.now(), by):
            raise Refused(f"The hold {hold} stands no more.", id="hold-ended")
        self._tell_over(hold)

    def tick(self) -> list[str]:
        """End the holds whose day has come; returns their ids."""
        now = self._clock.now()
        over = [hold.id for hold in self._register.holds() if hold.until <= now]
        for hold in over:
            if self._register.end_hold(hold, now, ""):
                self._tell_over(hold)
        return over

    def _check_withdrawn(self, recording: str, ground: HoldGround, listeners: frozenset[str]) -> None:
        terms = self._register.terms(recording)
        if not taken_back(terms):
            return
        if ground is not HoldGround.LEGAL_CLAIMS:
            raise Refused(
                f"The consent to {recording} was withdrawn, or its purpose objected to.",
                hint="Only legal claims hold it: --ground legal-claims (Art. 17(3)(e) GDPR).",
                id="withdrawn-needs-claims",
            )
        purposes = self._policy().purposes
        before = frozenset().union(
            *(purposes[term.purpose].listeners for term in terms if term.purpose in purposes)
        )
        if not fewer(listeners, before):
            raise Refused(
                f"The consent to {recording} was withdrawn: fewer people may hear it now than before.",
                hint="Name the few roles that the case needs: --listener.",
                id="too-many-listeners",
            )

    def _tell_over(self, hold: str) -> None:
        """The alarm about a recording goes with the last hold over it."""
        for recording in self._register.recordings_held(hold):
            if not self._register.holds_of(recording):
                self._register.clear_alarm(NEEDS_GROUND, recording, self._clock.now())
