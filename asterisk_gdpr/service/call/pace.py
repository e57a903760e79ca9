"""At which pace calls are asked: no faster than those who have chosen are served.

Whoever is asked now chooses some seconds later, and then their choice is to be written and their capture
begun before the dialplan's watchdog takes them back. By the time that choices wait, everybody who is in the
notice is on the way already; so what is asked is limited by the rate at which choices were served lately,
while there were any to be served: as many in a second as that, and no more at once than can wait in time.

    arrives ── a turn is left ──► asked ──► chooses ──► waits ──► captured: one more was served
       └────── none ──► goes on at once

What was measured outlives a restart, so that one in a busy hour asks callers as before.

Below what can be served nobody notices any of it: where few wait, many could be served, and that is what is
measured, the time in which somebody waited for each that was served.
"""

from __future__ import annotations

import asyncio
from collections import deque

FIRST_RATE, FIRST_TURNS = 4.0, 12.0
"""Calls a second, and at once, while too little is known: a third of what a small machine serves."""

LEAST_RATE, LEAST_TURNS = 1.0, 8.0
"""However slow it was lately: else nobody would ever find out that it is fast again."""

IN_TIME = 1.5
"""Seconds that somebody may wait and is still served in time: the watchdog lets them wait for two."""

SHARE = 0.8
"""Of what was served in a second so many are asked in one: ending their calls takes work as well."""

ENOUGH = 8
"""Calls that must have waited before anything is known of it."""

MOST = 50
"""So many of them count, the newest ones."""


class Pace:
    """The pace of one node; used from the event loop."""

    def __init__(self, before: float | None = None) -> None:
        """`before` is the rate that an earlier life of this process has measured, if there was one."""
        self._before = before
        self._waiting = 0
        self._busy = 0.0
        self._since = 0.0
        self._waited: deque[tuple[float, bool]] = deque(maxlen=MOST)
        self._turns: float | None = None
        self._counted_at = 0.0

    def begins(self) -> None:
        """Somebody has chosen to be recorded."""
        if not self._waiting:
            self._since = _now()
        self._waiting += 1

    def ends(self, *, served: bool) -> None:
        """They wait no longer; `served` when they are captured, and not taken back, say."""
        now = _now()
        self._busy += now - self._since
        self._since = now
        self._waiting -= 1
        self._waited.append((self._busy, served))
        self._busy = 0.0

    def refused(self) -> None:
        """Somebody has chosen not to be recorded, and waits for nothing."""
        self._waited.append((0.0, True))

    def takes_one_more(self) -> bool:
        """Whether a turn is left; takes it."""
        turns = self._turns_now()
        if turns < 1:
            return False
        self._turns = turns - 1
        return True

    @property
    def rate(self) -> float | None:
        """Calls a second that can be asked, as measured; None while nothing is known of it."""
        if len(self._waited) < ENOUGH:
            return self._before
        busy = sum(seconds for seconds, _ in self._waited)
        return SHARE * sum(served for _, served in self._waited) / max(busy, 1e-3)

    def _turns_now(self) -> float:
        now = _now()
        rate, most = self._limits()
        turns = most if self._turns is None else self._turns + (now - self._counted_at) * rate
        self._counted_at = now
        self._turns = min(turns, most)
        return self._turns

    def _limits(self) -> tuple[float, float]:
        """How many a second, and how many at once."""
        rate = self.rate
        if rate is None:
            return FIRST_RATE, FIRST_TURNS
        return max(rate, LEAST_RATE), max(rate * IN_TIME, LEAST_TURNS)


class Waiting:
    """One call's part in it: since when it has chosen, and waits for its capture."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """For how long it waits now."""
        return 0.0 if self._since is None else _now() - self._since

    def note(self, *, waits: bool, served: bool) -> None:
        """Whether it waits now; `served` when it is captured, and not taken back, say."""
        if waits and self._since is None:
            self._since = _now()
            self._pace.begins()
        elif not waits and self._since is not None:
            self._since = None
            self._pace.ends(served=served)


def _now() -> float:
    return asyncio.get_running_loop().time()
