"""What one call is told later: at most one event of each kind is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asterisk_gdpr.core.call import events


class Timers:
    """The timers of one call; `tell` is told of what is due."""

    def __init__(self, tell: Callable[[events.Event], None]) -> None:
        self._tell = tell
        self._due: dict[type[events.Event], asyncio.TimerHandle] = {}

    def start(self, event: events.Event, seconds: float) -> None:
        """Tell this event in so many seconds, and no other of its kind any more."""
        if running := self._due.pop(type(event), None):
            running.cancel()
        self._due[type(event)] = asyncio.get_running_loop().call_later(seconds, self._tell, event)

    def drop(self) -> None:
        """Nothing more is due."""
        for running in self._due.values():
            running.cancel()
