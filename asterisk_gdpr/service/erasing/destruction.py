"""The deed: tombstones that are due are carried out, in the one order that survives every crash.

    capture stopped, sealer closed → wrapped keys destroyed → spool unlinked → container deleted
    → journal emptied, all of it verified → certificate signed → finished

Each step may be repeated, so what is killed anywhere is right again after the next run.
A hold beats the deed: capture is stopped, and everything else waits until it ends.
A recording of which anything is left is not erased: its tombstone stands, an alarm says so, and the
next run tries again. One that fails never keeps the others.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from asterisk_gdpr.core.recording import DestroyedKey, Recording, Tombstone
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import (
    Alarm,
    CallBook,
    Clock,
    ContainerLocked,
    DerivationBook,
    EpochBook,
    ErasureBook,
    HoldBook,
    LedgerBook,
    RecordingBook,
    RightsBook,
    Spool,
    Upkeep,
    Vault,
)
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.proof.certificates import certify

_log = logging.getLogger(__name__)

FAILED = "erasure-failed"
OVERDUE = "erasure-overdue"
LOCKED = "container-locked"


class Book(
    CallBook,
    RecordingBook,
    DerivationBook,
    ErasureBook,
    EpochBook,
    HoldBook,
    LedgerBook,
    RightsBook,
    Upkeep,
    Protocol,
):
    """What destruction needs of the register."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make several calls one transaction."""
        ...


HandOver = Callable[[Recording], bool]
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


@dataclass
class _Case:
    """One tombstone on its way; each step adds what the next one needs."""

    tombstone: Tombstone
    recording: Recording
    keys: list[DestroyedKey] = field(default_factory=list)
    erased_at: datetime = datetime.max
    certificate: bytes = b""
    locked_until: datetime | None = None
    waits_for: str = ""
    held: bool = False


class Destruction:
    """Carries out tombstones.

    `batch` recordings share their transactions and one emptying of the register's journal, which is what
    erasing costs; calls wait while such a transaction lasts, so a batch is small.
    `node` is whose recordings are erased here, beside those whose container this vault holds (empty: all).
    After `patience` a tombstone that still waits for something is an alarm; a failure always is.
    """

    def __init__(
        self,
        register: Book,
        vault: Vault,
        spool: Spool,
        signer: SigningKey,
        clock: Clock,
        hand_over: HandOver,
        *,
        node: str = "",
        journal: Callable[[], object] = lambda: None,
        epoch_life: timedelta | None = None,
        batch: int = 25,
        patience: timedelta = timedelta(minutes=15),
    ) -> None:
        self._register = register
        self._vault = vault
        self._spool = spool
        self._signer = signer
        self._clock = clock
        self._hand_over = hand_over
        self._node = node
        self._journal = journal
        self._epoch_life = epoch_life
        self._batch = batch
        self._patience = patience
        self._locked: dict[str, datetime] = {}

    def carry_out(self, recording: str | None = None, *, by_date: bool = True) -> list[Carried]:
        """Everything that is due, or one recording if it is; raises Unreachable with the register away.

        Without `by_date` only what was ordered to go at once.
        """
        due = [
            tombstone
            for tombstone in self._register.tombstones(self._clock.now())
            if recording in (None, tombstone.recording)
            and (by_date or tombstone.due_at <= tombstone.created_at)
            and self._reaches(self._register.recording(tombstone.recording))
        ]
        carried: list[Carried] = []
        for start in range(0, len(due), self._batch):
            carried += self._carry_out(due[start : start + self._batch])
        return carried

    def delete_unlocked(self) -> None:
        """Delete the containers of erased recordings whose lock in a bucket has ended since."""
        now = self._clock.now()
        for alarm in self._register.alarms():
            if alarm.id != LOCKED or now < self._locked.get(alarm.about, now):
                continue
            try:
                self._vault.delete(alarm.about)
            except ContainerLocked as locked:
                self._locked[alarm.about] = locked.until
            except GdprError as error:
                _log.warning("%s: its container is deleted later: %s", alarm.about, error.id)
            else:
                self._locked.pop(alarm.about, None)
                with self._register.transaction():
                    self._register.record("container-deleted", {"recording": alarm.about}, now)
                    self._register.clear_alarm(LOCKED, alarm.about, now)

    def clear_spool(self) -> None:
        """Unlink plaintext that a crash left of recordings that bear a tombstone, due or not."""
        for recording in self._spool.recordings():
            tombstone = self._register.tombstone(recording)
            if tombstone is not None and self._hand_over(self._register.recording(recording)):
                self._spool.remove(recording)

    def _reaches(self, recording: Recording) -> bool:
        """Whether its container is in this node's hands: elsewhere its absence here would prove nothing."""
        if self._node in ("", recording.node):
            return True
        try:
            return self._vault.size(recording.id) is not None
        except GdprError:
            return False

    def _carry_out(self, batch: Sequence[Tombstone]) -> list[Carried]:
        cases = [_Case(tombstone, self._register.recording(tombstone.recording)) for tombstone in batch]
        self._each(cases, self._let_go)
        self._write_journal(cases)
        with self._register.transaction():
            self._each(cases, self._destroy_keys)
        self._each(cases, self._delete)
        self._empty_journal(cases)
        self._each(cases, self._certify)
        with self._register.transaction():
            self._each(cases, self._finish)
        with contextlib.suppress(GdprError):  # it knows of the intent already
            self._journal()
        self._tell(cases)
        return [Carried(case.recording.id, not case.waits_for, case.waits_for) for case in cases]

    def _each(self, cases: Sequence[_Case], step: Callable[[_Case], None]) -> None:
        """One step for every case that waits for nothing; an error is told, so that the others go on."""
        for case in cases:
            if case.waits_for:
                continue
            try:
                step(case)
            except GdprError as error:
                self._fail(case, f"{error.id}: {error.message}")
            except Exception as error:
                _log.error("erasing %s", case.recording.id, exc_info=error)
                self._fail(case, type(error).__name__)

    def _let_go(self, case: _Case) -> None:
        if not self._hand_over(case.recording):
            case.waits_for = "its capture to end"
        elif self._register.holds_of(case.recording.id):
            case.held, case.waits_for = True, "a hold"

    def _write_journal(self, cases: Sequence[_Case]) -> None:
        """Before a key is gone, what may never come back stands where no restored register reaches it."""
        try:
            self._journal()
        except GdprError as error:
            for case in cases:
                if not case.waits_for:
                    self._fail(case, f"{error.id}: {error.message}")

    def _destroy_keys(self, case: _Case) -> None:
        case.keys = self._register.destroy_keys(case.recording.id, self._clock.now())

    def _delete(self, case: _Case) -> None:
        self._spool.remove(case.recording.id)
        try:
            self._vault.delete(case.recording.id)
        except ContainerLocked as locked:  # its keys are gone: nothing opens what stays there until then
            case.locked_until = locked.until

    def _empty_journal(self, cases: Sequence[_Case]) -> None:
        ready = [case for case in cases if not case.waits_for]
        if ready and not self._register.checkpoint():
            for case in ready:
                case.waits_for = "a reader of the register's journal"

    def _certify(self, case: _Case) -> None:
        left = self._left_of(case.recording, locked=case.locked_until is not None)
        if left:
            self._fail(case, f"{left} is still there after its deletion")
            return
        size = self._register.progress(case.recording.id).size
        case.erased_at = self._clock.now()
        case.certificate = certify(
            case.recording,
            case.tombstone,
            case.keys,
            size,
            case.erased_at,
            self._signer,
            epochs=self._register.epochs(),
            life=self._epoch_life,
            locked_until=case.locked_until,
            number_kept_for=self._others(case.recording),
            copies=len(self._register.handovers(case.recording.id)),
            wipes=self._register.wipes,
        )

    def _finish(self, case: _Case) -> None:
        self._register.finish_erasure(case.recording.id, case.erased_at, case.certificate)
        if case.locked_until is not None:
            message = (
                "It is erased, nothing opens it any more, and its sealed container stays in the bucket until "
                f"{case.locked_until:%Y-%m-%d %H:%M} UTC, which the bucket enforces; then it is deleted."
            )
            self._raise(LOCKED, case, message)

    def _left_of(self, recording: Recording, *, locked: bool) -> str:
        """What there still is of a recording; what cannot be asked raises Unreachable."""
        if self._register.keys(recording.id):
            return "a wrapped key"
        number = self._register.call(recording.call).caller_sealed
        if number is not None and not self._others(recording):
            return "the caller's number"
        if self._spool.find(recording.id):
            return "audio in the spool"
        if not locked and self._vault.size(recording.id) is not None:
            return "the container"
        return ""

    def _others(self, recording: Recording) -> list[str]:
        """The recordings that are made of the same call, and live: they keep its caller's number."""
        of_call = self._register.recordings_of_call(recording.call)
        return [each.id for each in of_call if each.id != recording.id]

    def _fail(self, case: _Case, why: str) -> None:
        case.waits_for = why
        self._raise(FAILED, case, f"The erasure failed and will be tried again: {why}")

    def _tell(self, cases: Sequence[_Case]) -> None:
        """Raise alarms for what has waited too long, and clear those of what is erased."""
        now = self._clock.now()
        erased = {case.recording.id for case in cases if not case.waits_for}
        for alarm in self._register.alarms():
            if alarm.id in (FAILED, OVERDUE) and alarm.about in erased:
                self._register.clear_alarm(alarm.id, alarm.about, now)
        for case in cases:
            if case.waits_for and not case.held and now - case.tombstone.due_at > self._patience:
                self._raise(OVERDUE, case, f"The erasure is overdue; it waits for: {case.waits_for}")

    def _raise(self, id: str, case: _Case, message: str) -> None:
        self._register.raise_alarm(Alarm(id, case.recording.id, self._clock.now(), message))
