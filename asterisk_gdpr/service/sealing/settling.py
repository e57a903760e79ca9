"""Closed containers go to where they are to stay: to the bucket, or out of a vault of earlier days.

A container is brought when its recording is sealed, and not a moment before; one whose recording bears a
tombstone is left to its erasure; one whose recording is erased is deleted again, whatever brought it back.
What must be kept by law is locked in the bucket until that duty ends, and nothing else ever is: a lock is
beyond recall, for the data subject too. It is asked for only where the bucket has been seen to enforce it.
A bucket that is away holds up nothing: containers stay where they grew until it is back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.core.retention import living
from asterisk_gdpr.errors import Damaged, Refused, Unreachable
from asterisk_gdpr.ports import (
    Clock,
    ContainerLocked,
    DerivationBook,
    ErasureBook,
    LayeredVault,
    RecordingBook,
    Upkeep,
)
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.sealing.deriving import sweep_up

log = logging.getLogger(__name__)

BEHIND = "vault-behind"
NO_LOCK = "lock-not-enforced"
DAMAGED = "recording-damaged"


class Book(RecordingBook, DerivationBook, ErasureBook, Upkeep, Protocol):
    """What settling needs of the register."""


@dataclass(frozen=True)
class Moved:
    """What came of one container: `why` says in words why it stays; empty when it has been brought."""

    recording: str
    why: str = ""


class Settling:
    """Brings closed containers to where they are to stay; `lock` is whether what the law keeps is locked."""

    def __init__(
        self,
        register: Book,
        vault: LayeredVault,
        alarms: Alarms,
        clock: Clock,
        node: str,
        *,
        lock: bool = False,
    ) -> None:
        self._register = register
        self._vault = vault
        self._alarms = alarms
        self._clock = clock
        self._node = node
        self._lock = lock
        self._proven: bool | None = None

    def tick(self) -> None:
        """Bring all that is closed; a bucket that is away is an alarm, and asked again at the next tick."""
        try:
            self._locks()
            sweep_up(self._register, self._vault, self._clock)
            for name in self._vault.unsettled():
                self._bring(name)
        except Unreachable as error:
            message = f"Closed containers stay on this machine until the bucket is back: {error.message}"
            self._alarms.raise_(BEHIND, self._node, message)
            return
        self._alarms.over(BEHIND, self._node)

    def move(self) -> Iterator[Moved]:
        """Empty the vaults of earlier days; raises Unreachable, and goes on where it was when asked again."""
        for name in list(self._vault.elsewhere()):
            yield self._bring(name)

    def _bring(self, name: str) -> Moved:
        try:
            row = self._register.recording(name)
        except Refused:
            return Moved(name, "the register does not know it")
        if row.state is State.ERASED:
            self._vault.delete(name)
            return Moved(name, "it is erased, and was deleted")
        if row.state is not State.SEALED or self._register.tombstone(name) is not None:
            return Moved(name, "it is being erased" if row.state is State.ERASING else "it is not closed yet")
        try:
            self._vault.settle(name, self._kept_until(name))
        except Damaged as error:
            self._alarms.raise_(DAMAGED, name, error.message)
            return Moved(name, error.message)
        except ContainerLocked as locked:
            day = locked.until.date().isoformat()
            return Moved(name, f"it was brought, and the earlier bucket keeps its copy until {day}")
        return Moved(name)

    def _kept_until(self, name: str) -> datetime | None:
        """Until when the law demands that it is kept; None where nothing is to be locked."""
        if not self._locks():
            return None
        alive = living(self._register.terms(name), self._clock.now())
        duties = [term.expires_at for term in alive if term.basis is Basis.LEGAL_OBLIGATION]
        return max((date for date in duties if date is not None), default=None)

    def _locks(self) -> bool:
        """Whether the bucket has been seen to enforce a lock; tried once, at the first tick."""
        if self._lock and self._proven is None:
            self._proven = self._vault.prove_lock()
            log.info("the bucket %s locks", "enforces" if self._proven else "does not enforce")
            if not self._proven:
                message = "The bucket let a lock be broken or shortened: nothing is locked in it."
                self._alarms.raise_(NO_LOCK, self._node, message)
        if self._proven or not self._lock:
            self._alarms.over(NO_LOCK, self._node)
        return bool(self._lock and self._proven)
