"""The rights over single recordings: to restrict, to correct, to object, to withdraw after the call.

Each is an act of its own, told to the ledger, and each notes that whoever was given a copy must be told
(Art. 19). `service.rights.requests` puts them together into the answer to a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr.core.retention import living
from asterisk_gdpr.core.rights import (
    Remark,
    RemarkKind,
    Restriction,
    RestrictionGround,
    consented,
    objectable,
)
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock
from asterisk_gdpr.service.erasing.destruction import Book as ErasureBooks
from asterisk_gdpr.service.erasing.erasure import Erasure, Item, Result
from asterisk_gdpr.service.ids import new_id

LONGEST = 4000
"""Characters of a remark."""


class Book(ErasureBooks, Protocol):
    """What the rights need of the register."""


class Rights:
    """Carries out what a person is entitled to."""

    def __init__(self, register: Book, erasure: Erasure, clock: Clock) -> None:
        self._register = register
        self._erasure = erasure
        self._clock = clock

    # --- restriction (Art. 18)

    def restrict(
        self, recording: str, ground: RestrictionGround, request: str = "", by: str = ""
    ) -> Restriction:
        """From now on nobody listens, and no period ends it; raises Refused `unknown-recording`, `erased`.

        `by` is the user at whose word it is done, for the ledger; a request names its own.
        """
        self._be_there(recording)
        self._told("restriction-ordered", recording, by)
        restriction = Restriction(new_id("s"), recording, ground, self._clock.now(), request)
        self._register.add_restriction(restriction)
        self._register.tell_recipients(recording, "restricted", restriction.at)
        return restriction

    def lift(self, restriction: str, told_at: datetime | None, by: str = "") -> None:
        """Lift a restriction of which the person was told before (Art. 18(3)); `by` as for `restrict`.

        Raises Refused: `unknown-restriction`, `lifted-already`, `not-told`.
        """
        found, now = self._register.restriction(restriction), self._clock.now()
        if told_at is not None and not found.at <= told_at <= now:
            raise Refused(
                "The person is told after the restriction began and before it is lifted.", id="not-told"
            )
        if told_at is None and found.told_at is None:
            raise Refused(
                "The person must be told before a restriction is lifted (Art. 18(3) GDPR).",
                hint="Tell them, and say when: --told.",
                id="not-told",
            )
        if found.lifted_at is not None:
            raise Refused(f"The restriction {restriction} is lifted already.", id="lifted-already")
        self._told("lift-ordered", found.recording, by)
        if told_at is not None:
            self._register.note_told(restriction, told_at)
        self._register.lift_restriction(restriction, now)

    # --- correction (Art. 16)

    def correct(
        self, recording: str, text: str, by: str, request: str = "", kind: RemarkKind = RemarkKind.CORRECTION
    ) -> Remark:
        """Put a person's words beside a recording; raises Refused `erased`, `no-text`, `too-long`."""
        self._be_there(recording)
        if not text.strip():
            raise Refused("There is nothing to write beside the recording.", id="no-text")
        if len(text) > LONGEST:
            raise Refused(f"A remark has at most {LONGEST} characters.", id="too-long")
        remark = Remark(new_id("m"), recording, kind, text.strip(), by, self._clock.now(), request)
        self._register.add_remark(remark)
        if kind is RemarkKind.CORRECTION:
            self._register.tell_recipients(recording, "corrected", remark.at)
        return remark

    # --- objection (Art. 21) and withdrawal (Art. 7(3))

    def object(self, recording: str, purposes: Iterable[str] | None, *, dry_run: bool = False) -> Item:
        """End the purposes that rest on interests or a public task, or those named of them."""
        return self._end(recording, purposes, Reason.OBJECTED, dry_run=dry_run)

    def withdraw(self, recording: str, purposes: Iterable[str] | None, *, dry_run: bool = False) -> Item:
        """End the purposes that rest on consent, or those named of them."""
        return self._end(recording, purposes, Reason.WITHDRAWN, dry_run=dry_run)

    def _end(self, recording: str, purposes: Iterable[str] | None, reason: Reason, *, dry_run: bool) -> Item:
        state = self._register.recording(recording).state
        if state in (State.ERASING, State.ERASED):  # no purpose is left, and nothing keeps it but a hold
            return self._erasure.erase(recording, reason, dry_run=dry_run)
        alive = living(self._register.terms(recording), self._clock.now())
        open_to_it = objectable(alive) if reason is Reason.OBJECTED else consented(alive)
        ended = open_to_it if purposes is None else open_to_it & frozenset(purposes)
        if not ended:
            ground = "not-objectable" if reason is Reason.OBJECTED else "no-consent"
            return Item(recording, Result.REFUSED, ground)
        left = [term for term in alive if term.purpose not in ended]
        held = self._register.holds_of(recording)
        if not dry_run:
            self._erasure.withdraw(recording, ended, reason, timedelta())
        if left:
            return Item(recording, Result.KEPT, "other-purposes")
        if held:
            last = max(held, key=lambda hold: hold.until)
            return Item(recording, Result.HELD, last.ground, last.until)
        if dry_run:
            return Item(recording, Result.ERASED)
        return self._erasure.erase(recording, reason)

    def _told(self, kind: str, recording: str, by: str) -> None:
        if by:
            self._register.record(kind, {"user": by, "recording": recording}, self._clock.now())

    def _be_there(self, recording: str) -> None:
        if self._register.recording(recording).state is State.ERASED:
            raise Refused(f"The recording {recording} has been erased.", id="erased")
