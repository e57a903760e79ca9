"""What people are told of sealing: too little room, nothing written, nothing sealed. Each ends by itself.

An alarm that cannot be written now is written at a later look; sealing never waits for one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Spool
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.sealing.job import Job

log = logging.getLogger(__name__)

LEAST_ROOM = 0.1
"""Below this share of free spool no new recording is begun: running ones must be able to finish."""

FULL = 0.01
"""Below this share of free spool Asterisk may not be able to write what it captures."""

SPOOL_FULL = "spool-full"
NEARLY_FULL = "spool-nearly-full"
NOTHING = "capture-writes-nothing"
STALLED = "sealing-stalled"


class SealingAlarms:
    """The alarms of one node's sealer."""

    def __init__(self, alarms: Alarms, spool: Spool, node: str) -> None:
        self._alarms = alarms
        self._spool = spool
        self._node = node

    def look(self, jobs: Mapping[str, Job], failed: Sequence[tuple[str, GdprError]]) -> None:
        """Raise what is so now, and end what is not any more; `failed` could not be sealed just now."""
        for look in (
            self._room,
            lambda: self._growth(jobs),
            lambda: self._while(
                bool(failed),
                STALLED,
                "What is captured cannot be sealed now; it waits in memory, and is tried again.",
            ),
        ):
            try:
                look()
            except GdprError as error:
                log.error("what there is to tell of sealing is told later: %s", error.id)

    def _room(self) -> None:
        """A full spool makes Asterisk drop what it captures, without a word from it."""
        room = self._spool.room()
        self._while(room < LEAST_ROOM, NEARLY_FULL, "The spool is nearly full: nothing new is recorded.")
        self._while(room < FULL, SPOOL_FULL, "The spool is full: what is captured now is lost.")

    def _growth(self, jobs: Mapping[str, Job]) -> None:
        """AMI says Success of a capture that cannot write, too: that its legs grow is the only proof."""
        for job in list(jobs.values()):
            if job.writes_nothing:
                message = "MixMonitor was asked to capture this call, and writes nothing."
                self._alarms.raise_(NOTHING, job.recording.id, message)
        for recording in self._alarms.about(NOTHING):
            now = jobs.get(recording)
            if now is None or not now.writes_nothing:
                self._alarms.over(NOTHING, recording)

    def _while(self, so: bool, id: str, message: str) -> None:
        """An alarm about this node, for as long as something is so."""
        if so:
            self._alarms.raise_(id, self._node, message)
        else:
            self._alarms.over(id, self._node)
