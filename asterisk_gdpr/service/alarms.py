"""Raising alarms, and ending those that end by themselves, without asking the register at every call.

What stands is known here, so that ending what does not stand costs nothing, and an alarm that a thousand
calls raise is written once every few seconds. Every method blocks when it has something to write.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Alarm, Clock, Upkeep

log = logging.getLogger(__name__)

ANEW = timedelta(seconds=5)
"""How long an alarm that was raised is not written again: a person may have ended it meanwhile."""


class Alarms:
    """The alarms of one process, by id and by what they are about."""

    def __init__(self, register: Upkeep, clock: Clock) -> None:
        """What an earlier life of the process raised stands, and ends like any other; asked for at need."""
        self._register = register
        self._clock = clock
        self._lock = threading.Lock()
        self._standing: dict[tuple[str, str], datetime] | None = None

    def raise_(self, id: str, about: str, message: str) -> None:
        """Something is wrong, or still is."""
        now = self._clock.now()
        with self._lock:
            last = self._known().get((id, about))
            if last is not None and timedelta() <= now - last < ANEW:
                return
        self._register.raise_alarm(Alarm(id, about, now, message))
        with self._lock:
            self._known()[id, about] = now

    def over(self, id: str, about: str) -> None:
        """What this alarm told of is over; none that stands is no error."""
        with self._lock:
            if (id, about) not in self._known():
                return
        self._register.clear_alarm(id, about, self._clock.now())
        with self._lock:
            self._known().pop((id, about), None)

    def about(self, id: str) -> set[str]:
        """What alarms of this id that stand are about."""
        with self._lock:
            return {about for standing, about in self._known() if standing == id}

    def _known(self) -> dict[tuple[str, str], datetime]:
        """Those that stand; a register that is away is asked again at the next time."""
        if self._standing is None:
            try:
                found = self._register.alarms()
            except Unreachable as error:
                log.warning("which alarms stand is not known: %s", error.id)
                return {}
            self._standing = {(alarm.id, alarm.about): alarm.since - ANEW for alarm in found}
        return self._standing
