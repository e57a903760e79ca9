"""Why a node records nothing new at the moment: recording fails closed, and calls go on.

Each reason is an alarm about what is wrong, for as long as it is so. What was begun is sealed to its end.
"""

from __future__ import annotations

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.alarms import Alarms

NOT_IN_MEMORY = "spool-not-in-memory"


class Standstill:
    """The reasons of one node; true while there is any."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._reasons: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._reasons)

    def begin(self, id: str, about: str, message: str) -> None:
        """Record nothing new from now on; it stands before the alarm can be written."""
        self._reasons[id] = message
        self._alarms.raise_(id, about, message)

    def end(self, id: str) -> None:
        """This is no reason any more, also if an earlier life of the process met it."""
        self._reasons.pop(id, None)
        for about in self._alarms.about(id):
            self._alarms.over(id, about)

    def check(self) -> None:
        """Raise Refused with the first reason, if there is one."""
        for id, message in self._reasons.items():
            raise Refused(message, id=id)


def require_memory(standstill: Standstill, in_memory: bool, node: str) -> None:
    """Record nothing where the spool is a disk's: plaintext would come to lie there.

    To be asked at a start; what is put in the spool's place later is refused by the spool itself.
    """
    if in_memory:
        standstill.end(NOT_IN_MEMORY)
    else:
        message = "The spool does not lie in memory (tmpfs): nothing is recorded. Mount it, then start anew."
        standstill.begin(NOT_IN_MEMORY, node, message)
