"""How much a change of the policy is about: what the register holds now, counted for `core.policy_diff`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from asterisk_gdpr.core.policy_diff import Stock
from asterisk_gdpr.ports import ActivityBook, PeriodBook, RecordingBook, User
from asterisk_gdpr.service.erasing.data_shortening import stored

OF_LATE = timedelta(days=30)
"""How far back calls are counted, to tell how many callers a change of a line is about."""


class Book(ActivityBook, PeriodBook, RecordingBook, Protocol):
    """What is counted."""


def stock(register: Book, users: Iterable[User], now: datetime) -> Stock:
    """Recordings by purpose, calls of late by line, people by role, and data of each other kind."""
    calls: Counter[str] = Counter()
    for each in register.tally(now - OF_LATE, now):
        calls[each.line] += each.calls
    people = Counter(role for user in users if user.disabled_at is None for role in user.roles)
    return Stock(tuple(register.count_kept(now)), stored(register), calls, people)
