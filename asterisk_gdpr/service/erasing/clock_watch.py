"""Erasing by date waits while a clock may be wrong, until a person has looked.

Each look compares the clock with the machine's uptime and with what was last seen, which the register keeps.
A clock that jumped stays doubted, also when it jumps back, until `confirm`. What a person has ordered
(a withdrawal, a request) needs no date and is carried out all the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from asterisk_gdpr.core.clock_watch import Seen, jumped
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Alarm, Clock, ClockBook, LedgerBook, Upkeep, Uptime, Watched

JUMPED = "clock-jumped"

ANEW = timedelta(seconds=30)
"""How long a look is not written down again: the next one is compared with the one before it all the same."""


class Book(ClockBook, LedgerBook, Upkeep, Protocol):
    """What watching the clock needs of the register."""


class ClockWatch:
    """The clock of one node."""

    def __init__(self, register: Book, clock: Clock, uptime: Uptime, node: str) -> None:
        self._register = register
        self._clock = clock
        self._uptime = uptime
        self._node = node

    def believed(self) -> bool:
        """Look at the clock; False, with an alarm, from a jump on until a person confirms it."""
        now, before = self._seen(), self._register.watched(self._node)
        if before is not None and before.doubted_at is not None:
            return False
        wrong = jumped(before.seen if before else None, now)
        if before is None or wrong is None:
            if before is None or not timedelta() <= now.at - before.seen.at < ANEW:
                self._register.watch(Watched(self._node, now))
            return True
        self._register.watch(Watched(self._node, before.seen, now.at))
        way = "forward" if wrong.total_seconds() > 0 else "back"
        message = (
            f"The clock went {way} by {abs(wrong)}: nothing is erased by date until a person confirms it."
        )
        self._register.raise_alarm(Alarm(JUMPED, self._node, now.at, message))
        return False

    def require(self) -> None:
        """Raise Refused (`clock-jumped`) while the clock is doubted."""
        if not self.believed():
            raise Refused(
                "The clock has jumped, so nothing is erased by date.",
                hint="Put it right, then say so: `asterisk-gdpr clock confirm`.",
                id=JUMPED,
            )

    def doubted_at(self) -> datetime | None:
        """What the clock said when it was found to have jumped; None while it is believed."""
        watched = self._register.watched(self._node)
        return watched.doubted_at if watched else None

    def confirm(self, by: str) -> None:
        """A person has looked: from now on the clock is believed as it is."""
        now = self._seen()
        self._register.watch(Watched(self._node, now))
        self._register.clear_alarm(JUMPED, self._node, now.at)
        self._register.record("clock-confirmed", {"user": by, "node": self._node}, now.at)

    def _seen(self) -> Seen:
        return Seen(self._clock.now(), self._uptime.boot(), self._uptime.seconds())
