"""How many calls can be served: those beyond it are passed on at once, rather than all of them late.

A caller who waits too long is taken back by the dialplan's watchdog, and the work that was done for them is
lost; so beyond what can be served every call would fail. What is looked at is measured, and no number that
somebody would have to guess: calls that wait for our first word, what waits to be written and for how
long, by how much the event loop is late, and at which pace choices are served (`service.call.pace`).
A call that is not taken costs one request, and goes on as `unavailable`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NoReturn, Protocol

from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.call.pace import Pace
from asterisk_gdpr.service.call.scribe import Scribe

AT_DOOR = 32
"""Calls that wait for our first word: with more than that the last of them waits too long for it."""

TO_WRITE = 256
"""Pieces that wait to be written: choices that would come too late to be recorded under."""

BEHIND = 0.5
"""Seconds that something may wait to be written, or somebody who has chosen for their capture."""

LATE = 0.5
"""Seconds by which the event loop may be late; each prompt, key and mute is late by as much."""

STEP = 0.1
"""Seconds between looks at how late it is."""

QUIET = 60.0
"""Seconds without a call that was not taken, after which the alarm is over."""

OVERLOADED = "node-overloaded"


class Served(Protocol):
    """A call that is in our hands."""

    @property
    def unanswered(self) -> bool: ...  # noqa: D102  # whether its caller has not heard a word of us yet
    @property
    def waits_to_be_recorded(self) -> float: ...  # noqa: D102  # seconds since its choice, until it is captured


class Load:
    """The load of one node; `shed` counts the calls that it did not take."""

    def __init__(
        self, scribe: Scribe, pace: Pace, alarms: Alarms, node: str, calls: Mapping[str, Served]
    ) -> None:
        self.shed = 0
        self._scribe = scribe
        self._pace = pace
        self._alarms = alarms
        self._node = node
        self._calls = calls
        self._late = 0.0
        self._shed_at: float | None = None

    @property
    def rate(self) -> float | None:
        """Calls a second that can be asked, as measured."""
        return self._pace.rate

    def takes_one_more(self) -> bool:
        """Whether a call that arrives now can be served; counts one that cannot."""
        at_door = sum(call.unanswered for call in self._calls.values())
        scribe = self._scribe
        waits = max((call.waits_to_be_recorded for call in self._calls.values()), default=0.0)
        in_time = (
            waits < BEHIND and scribe.waiting < TO_WRITE and scribe.behind < BEHIND and self._late < LATE
        )
        if at_door < AT_DOOR and in_time and self._pace.takes_one_more():
            return True
        self.shed += 1
        self._shed_at = _now()
        return False

    async def run(self) -> NoReturn:
        """Look at how late the event loop is, and tell of calls that were not taken, until cancelled."""
        told_at = 0.0
        while True:
            due = _now() + STEP
            await asyncio.sleep(STEP)
            self._late = _now() - due
            if self._shed_at is not None and _now() >= told_at + 1.0:
                told_at = _now()
                await self._tell(told_at - self._shed_at)

    async def _tell(self, ago: float) -> None:
        if ago < QUIET:
            message = f"More calls than can be served: {self.shed} were passed on without a notice."
            await asyncio.to_thread(self._alarms.raise_, OVERLOADED, self._node, message)
        else:
            await asyncio.to_thread(self._alarms.over, OVERLOADED, self._node)
            self._shed_at = None


def _now() -> float:
    return asyncio.get_running_loop().time()
