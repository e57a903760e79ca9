"""The deed: tombstones that are due are carried out, in the one order that survives every crash.

    capture stopped, sealer closed → wrapped keys destroyed → spool unlinked → container deleted
    → journal emptied, all of it verified → certificate signed → finished

Each step may be repeated, so what is killed anywhere is right again after the next run.
A recording of which anything is left is not erased: its tombstone stands, an alarm says so, and the
next run tries again. One that fails never keeps the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from asterisk_gdpr.core.recording import Recording, Tombstone
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Alarm, CallBook, Clock, ErasureBook, RecordingBook, Spool, Upkeep, Vault
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.certificates import certify

_log = logging.getLogger(__name__)

FAILED = "erasure-failed"
OVERDUE = "erasure-overdue"


class Book(CallBook, RecordingBook, ErasureBook, Upkeep, Protocol):
    """What destruction needs of the register."""


StopCapture = Callable[[Recording], bool]
"""End a recording's capture and wait until its sealer has let go of spool, container and register.

False: that is not to be had now (another process has it); it is asked again at the next run.
A recording without `ended_at` may still be in the hands of the daemon of its node.
"""


@dataclass(frozen=True)
class Carried:
    """What came of one tombstone: done, or `waits_for` says in words what stands in the way."""

    recording: str
    done: bool
    waits_for: str = ""


class Destruction:
    """Carries out tombstones.

    `batch` recordings share one emptying of the register's journal, the costliest step;
    after `patience` a tombstone that still waits for something is an alarm, a failure always is.
    """

    def __init__(
        self,
        register: Book,
        vault: Vault,
        spool: Spool,
        signer: SigningKey,
        clock: Clock,
        stop_capture: StopCapture,
        *,
        batch: int = 100,
        patience: timedelta = timedelta(minutes=15),
    ) -> None:
        self._register = register
        self._vault = vault
        self._spool = spool
        self._signer = signer
        self._clock = clock
        self._stop_capture = stop_capture
        self._batch = batch
        self._patience = patience

    def carry_out(self, recording: str | None = None) -> list[Carried]:
        """Everything that is due, or one recording if it is; raises Unreachable with the register away."""
        due = [
            tombstone
            for tombstone in self._register.tombstones(self._clock.now())
            if recording is None or tombstone.recording == recording
        ]
        carried: list[Carried] = []
        for start in range(0, len(due), self._batch):
            carried += self._carry_out(due[start : start + self._batch])
        return carried

    def clear_spool(self) -> None:
        """Unlink plaintext that a crash left of recordings that bear a tombstone, due or not."""
        for recording in self._spool.recordings():
            tombstone = self._register.tombstone(recording)
            if tombstone is not None and self._stop_capture(self._register.recording(recording)):
                self._spool.remove(recording)

    def _carry_out(self, batch: Sequence[Tombstone]) -> list[Carried]:
        waiting = {tombstone.recording: self._tried(self._destroy, tombstone) for tombstone in batch}
        destroyed = [tombstone for tombstone in batch if not waiting[tombstone.recording]]
        emptied = bool(destroyed) and self._register.checkpoint()
        for tombstone in destroyed:
            waiting[tombstone.recording] = (
                self._tried(self._finish, tombstone) if emptied else "a reader of the register's journal"
            )
        for tombstone in batch:
            self._alarm_if_overdue(tombstone, waiting[tombstone.recording])
        return [Carried(recording, not reason, reason) for recording, reason in waiting.items()]

    def _destroy(self, tombstone: Tombstone) -> str:
        recording = self._register.recording(tombstone.recording)
        if not self._stop_capture(recording):
            return "its capture to end"
        self._register.destroy_keys(recording.id, self._clock.now())
        self._spool.remove(recording.id)
        self._vault.delete(recording.id)
        return ""

    def _finish(self, tombstone: Tombstone) -> str:
        recording = self._register.recording(tombstone.recording)
        left = self._left_of(recording)
        if left:
            return self._fail(tombstone, f"{left} is still there after its deletion")
        at = self._clock.now()
        keys = self._register.destroy_keys(recording.id, at)
        size = self._register.progress(recording.id).size
        certificate = certify(recording, tombstone, keys, size, at, self._signer)
        self._register.finish_erasure(recording.id, at, certificate)
        for alarm in (FAILED, OVERDUE):
            self._register.clear_alarm(alarm, recording.id, at)
        return ""

    def _left_of(self, recording: Recording) -> str:
        """What there still is of a recording; what cannot be asked raises Unreachable."""
        if self._register.keys(recording.id):
            return "a wrapped key"
        if self._register.call(recording.call).caller_sealed is not None:
            return "the caller's number"
        if self._spool.find(recording.id):
            return "audio in the spool"
        if self._vault.size(recording.id) is not None:
            return "the container"
        return ""

    def _tried(self, step: Callable[[Tombstone], str], tombstone: Tombstone) -> str:
        """What the step waits for; an error is told and waited out, so that the others go on."""
        try:
            return step(tombstone)
        except GdprError as error:
            return self._fail(tombstone, f"{error.id}: {error.message}")
        except Exception as error:
            _log.error("erasing %s", tombstone.recording, exc_info=error)
            return self._fail(tombstone, type(error).__name__)

    def _fail(self, tombstone: Tombstone, why: str) -> str:
        self._raise(FAILED, tombstone, f"The erasure failed and will be tried again: {why}")
        return why

    def _alarm_if_overdue(self, tombstone: Tombstone, reason: str) -> None:
        if reason and self._clock.now() - tombstone.due_at > self._patience:
            self._raise(OVERDUE, tombstone, f"The erasure is overdue; it waits for: {reason}")

    def _raise(self, id: str, tombstone: Tombstone, message: str) -> None:
        self._register.raise_alarm(Alarm(id, tombstone.recording, self._clock.now(), message))
