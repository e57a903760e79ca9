"""Slowing down whoever guesses: so many attempts in so many seconds for each key, then no more.

Kept in memory of the page's process and forgotten with it: a restart needs more rights than a guess gains.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from datetime import datetime, timedelta

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock

_MOST_KEYS = 10_000
"""Beyond this many names and addresses the stale ones are swept, so that guessing cannot fill the memory."""


class TooManyAttempts(Refused):
    """Too many attempts of late; `seconds` is how long to wait before the next one."""

    default_id = "too-many-attempts"

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = math.ceil(seconds / 60)
        super().__init__("There were too many attempts.", hint=f"Try again in {minutes} min.")


class Throttle:
    """At most `limit` attempts within `window` for each key; each counts before its outcome is known."""

    def __init__(self, clock: Clock, *, limit: int, window: timedelta) -> None:
        self._clock = clock
        self._limit = limit
        self._window = window
        self._attempts: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def spend(self, key: str) -> None:
        """Count one attempt; raises TooManyAttempts, and then counts nothing."""
        now = self._clock.now()
        with self._lock:
            if len(self._attempts) > _MOST_KEYS:
                self._sweep(now)
            attempts = self._attempts.setdefault(key, deque())
            while attempts and attempts[0] + self._window <= now:
                attempts.popleft()
            if len(attempts) >= self._limit:
                raise TooManyAttempts(math.ceil((attempts[0] + self._window - now).total_seconds()))
            attempts.append(now)

    def forgive(self, key: str) -> None:
        """Forget the attempts of a key: the right answer was given."""
        with self._lock:
            self._attempts.pop(key, None)

    def _sweep(self, now: datetime) -> None:
        stale = [key for key, attempts in self._attempts.items() if attempts[-1] + self._window <= now]
        for key in stale:
            del self._attempts[key]
