"""Whether a clock may be believed before anything is erased by it.

A clock that is set back makes nothing wrong go; one that is set forward makes everything due.
So the time that was last seen is kept, beside a counter that nobody sets: the seconds that the machine has
been up, and the name of that uptime. While the machine stays up, both must have moved alike; once it was
off, its clock may not have gone back, and not have moved by more than a machine is plausibly off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SLACK = timedelta(minutes=10)
"""How far a clock may be put right without a word: what time servers correct, and far below a day."""

OFF = timedelta(days=30)
"""How long a machine may have been off without a word."""


@dataclass(frozen=True)
class Seen:
    """One look at the clock: the time it told, and how many seconds of which uptime had passed."""

    at: datetime
    boot: str
    up: float


def jumped(before: Seen | None, now: Seen) -> timedelta | None:
    """By how much the clock went wrong since it was last seen; None when it may be believed."""
    if before is None:
        return None
    went = now.at - before.at
    if now.boot == before.boot:
        wrong = went - timedelta(seconds=now.up - before.up)
        return wrong if abs(wrong) > SLACK else None
    return went if went < -SLACK or went > OFF else None
