"""What a start finds: tombstones first, then what was being sealed, then the calls that were alive.

Tombstones come first because a recording that was withdrawn must not be taken up and sealed anew. What was
being sealed is taken up as far as it goes; what cannot be is told by an alarm and hinders nothing else.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Protocol

from asterisk_gdpr.core.recording import Reason, Recording, Tombstone
from asterisk_gdpr.errors import GdprError, Unreachable
from asterisk_gdpr.ports import Alarm, CallBook, Clock, ErasureBook, RecordingBook, Upkeep
from asterisk_gdpr.service.call.left_behind import LeftBehind, PolicyOf, earlier_of, left_behind
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.sealing.sealing import Sealing

log = logging.getLogger(__name__)


class Book(CallBook, RecordingBook, ErasureBook, Upkeep, Protocol):
    """What reconciling needs of the register."""


class Reconciliation:
    """The start of one node, and the recordings of calls that ended while nobody was there."""

    def __init__(self, register: Book, sealing: Sealing, erasure: Erasure, clock: Clock, node: str) -> None:
        self._register = register
        self._sealing = sealing
        self._erasure = erasure
        self._clock = clock
        self._node = node
        self._unclosed: list[Recording] = []

    def start(self, policy_of: PolicyOf) -> list[LeftBehind]:
        """Do it all, before anything is sealed or captured; returns the calls that were alive.

        Raises Unreachable when the vault or the register is away: nothing may start then.
        """
        self._withdraw_what_was_said()
        self._erasure.reconcile()
        alive = left_behind(self._register, self._node, policy_of)
        calls = {left.row.recording for left in alive}
        for row in self._register.unfinished(self._node):
            try:
                self._sealing.resume(row)
            except Unreachable:
                raise
            except GdprError as error:
                self._cannot_take_up(row, error)
            else:
                if row.id not in calls:
                    self._unclosed.append(row)
        self._sealing.tidy()
        self.close_unclosed()
        return alive

    def _withdraw_what_was_said(self) -> None:
        """A withdrawal that the register could not take before the end of an earlier life is taken now."""
        for row in self._register.unfinished(self._node):
            for purposes, reason, grace in self._sealing.withdrawals(row.id):
                why, after = Reason(reason), timedelta(seconds=grace)
                self._erasure.withdraw(row.id, purposes, why, after)
                for left in earlier_of(self._register, row.call).left:
                    self._erasure.withdraw(left.recording, left.optional, why, after)

    def close_unclosed(self) -> None:
        """Close recordings whose call ended while nobody was there; a vault that is away is waited for."""
        waiting, self._unclosed = self._unclosed, []
        for row in waiting:
            try:
                self._close(row)
            except Unreachable:
                self._unclosed.append(row)
            except GdprError as error:
                self._cannot_take_up(row, error)

    def _close(self, row: Recording) -> None:
        now = self._clock.now()
        ended_at = self._register.call(row.call).ended_at or now
        if not self._sealing.close(row.id, ended_at):
            self._sealing.let_go(row.id)
            self._register.add_tombstone(Tombstone(row.id, Reason.ABANDONED, now, now))

    def _cannot_take_up(self, row: Recording, error: GdprError) -> None:
        log.error("recording %s cannot be taken up: %s", row.id, error.id)
        self._register.raise_alarm(Alarm("recording-not-taken-up", row.id, self._clock.now(), error.message))
