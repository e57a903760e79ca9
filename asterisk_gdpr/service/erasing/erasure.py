"""Erasure as it is wished for: by a period that ended, by a withdrawal, by a person's request.

A wish becomes a tombstone, committed before anything is touched; `service.erasing.destruction` does the rest.
What the law demands to be kept is refused with its ground and its date (Art. 17(3)(b) GDPR),
and then exists for that purpose alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.core.recording import Reason, Recording, State, Term, Tombstone
from asterisk_gdpr.core.retention import living, require_past
from asterisk_gdpr.ports import Alarm, Clock
from asterisk_gdpr.service.erasing.destruction import Book, Carried, Destruction
from asterisk_gdpr.service.erasing.holds import NEEDS_GROUND

_at_once = 25
"""Tombstones in one transaction: calls wait for it, so it must be short."""


FEW = 20
"""So many at once are never asked about, whatever share of a small register they are."""

ASKS = "sweep-asks"
"""The alarm that more is due at once than may go without a person's word."""


class Result(StrEnum):
    """What came of the wish to erase one recording."""

    ERASED = "erased"
    """Destroyed, verified, certified; in a dry run: it would be."""
    PENDING = "pending"
    """The tombstone stands; something is not done yet, and is tried again."""
    HELD = "held"
    """A hold stands over it; it is erased when that ends. `ground` is the hold's, `until` its day."""
    REFUSED = "refused"
    """A rule stands against it; `ground` names it."""
    KEPT = "kept"
    """The purposes in question have ended, and it goes on to exist for others."""
    MISSING = "missing"
    """There is nothing left to erase."""


@dataclass(frozen=True)
class Item:
    """The result for one recording, and what stands in the way.

    `ground` is a code when it was refused, with the date `until` which that holds; in words when pending.
    """

    recording: str
    result: Result
    ground: str = ""
    until: datetime | None = None


class Erasure:
    """The wishes, and the runs that fulfil them."""

    def __init__(
        self,
        register: Book,
        destruction: Destruction,
        clock: Clock,
        *,
        ask_above: float = 1.0,
        believed: Callable[[], bool] = lambda: True,
    ) -> None:
        """`ask_above` is the share of all sealed recordings, 0 to 1, that `tick` erases without asking.

        While the clock is not `believed`, only that is erased which waits for no date.
        """
        self._register = register
        self._destruction = destruction
        self._clock = clock
        self._ask_above = ask_above
        self._believed = believed
        self._asking: bool | None = None

    def reconcile(self) -> list[Carried]:
        """At start, before anything is sealed or captured: tombstones first."""
        self._destruction.clear_spool()
        return self._destruction.carry_out(by_date=self._believed())

    def tick(self) -> None:
        """What the ticker calls: find what is due, and erase it.

        When more is due at once than may go unasked, a clock may have jumped or a policy been mistyped:
        nothing is swept, an alarm stands, and a person's `sweep` decides. Other tombstones are carried out.
        """
        if not self._believed():
            self._destruction.carry_out(by_date=False)
            return
        asks = self._must_ask()
        if asks != self._asking:
            self._tell(asks)
        if not asks:
            self.sweep()
        self._destruction.carry_out()
        self._destruction.delete_unlocked()

    def _must_ask(self) -> bool:
        due = len(self._register.due(self._clock.now(), FEW + 1))
        if due <= FEW:
            return False
        sealed = self._register.count_recordings().get(State.SEALED, 0)
        most = max(FEW, int(self._ask_above * sealed))
        return len(self._register.due(self._clock.now(), most + 1)) > most

    def _tell(self, asks: bool) -> None:
        now = self._clock.now()
        if asks:
            message = "More is due at once than may go without a person's word: look at it, then sweep."
            self._register.raise_alarm(Alarm(ASKS, "sweep", now, message))
        else:
            self._register.clear_alarm(ASKS, "sweep", now)
        self._asking = asks

    def carry_out(self) -> list[Carried]:
        """Erase everything whose tombstone is due."""
        return self._destruction.carry_out(by_date=self._believed())

    def carry_out_one(self, recording: str) -> str:
        """Carry out the tombstone of one recording; returns what that waits for, nothing when it is done."""
        return "".join(each.waits_for for each in self._destruction.carry_out(recording))

    def sweep(self, at: datetime | None = None, *, dry_run: bool = False) -> list[Recording]:
        """Set tombstones for what no purpose needs any longer; a dry run only tells which.

        Raises Refused (`sweep-early`) for a time to come: a period never ends early.
        """
        now = self._clock.now()
        when = at or now
        if dry_run:
            return self._register.due(when)
        require_past(when, now)
        swept: list[Recording] = []
        while batch := self._sweep_some(when, now):
            swept += batch
        return swept

    def withdraw(self, recording: str, purposes: Iterable[str], reason: Reason, grace: timedelta) -> bool:
        """End purposes by the data subject's word, at once and for good.

        If none is left, nobody may listen from now on, and the erasure is due after the grace: True.
        False: the recording goes on to exist for the purposes that the data subject has no say in.
        """
        now = self._clock.now()
        with self._register.transaction():
            self._register.end_terms(recording, purposes, now, reason)
            if self._alive(recording, now):
                return False
            self._mark(recording, reason, now, now + grace)
        self._look_at_holds(recording, now)
        return True

    def _look_at_holds(self, recording: str, now: datetime) -> None:
        """A hold goes on over what was withdrawn; that its ground carries this is for a person to say."""
        if any(hold.ground is not HoldGround.LEGAL_CLAIMS for hold in self._register.holds_of(recording)):
            message = (
                "What is held was withdrawn since: hold it for legal claims (Art. 17(3)(e)), or lift it."
            )
            self._register.raise_alarm(Alarm(NEEDS_GROUND, recording, now, message))

    def erase(self, recording: str, reason: Reason, *, dry_run: bool = False) -> Item:
        """Erase one recording now, unless a rule stands against it; Refused if there is none of that id."""
        found = self._register.recording(recording)
        if found.state is State.ERASED:
            return Item(recording, Result.MISSING, "erased-before")
        now = self._clock.now()
        alive = self._alive(recording, now)
        obliged = [term for term in alive if _binds(term, reason)]
        if not dry_run:
            free = [term.purpose for term in alive if term not in obliged]
            self._end(recording, free, reason, now, for_good=not obliged)
        held = self._register.holds_of(recording)
        if obliged:
            return Item(recording, Result.REFUSED, "legal-obligation", _last(obliged))
        if held:
            last = max(held, key=lambda hold: hold.until)
            return Item(recording, Result.HELD, last.ground, last.until)
        if dry_run:
            return Item(recording, Result.ERASED)
        carried = self._destruction.carry_out(recording)
        if self._register.recording(recording).state is State.ERASED:
            return Item(recording, Result.ERASED)
        return Item(recording, Result.PENDING, "".join(each.waits_for for each in carried))

    def _alive(self, recording: str, now: datetime) -> tuple[Term, ...]:
        """The purposes that live; no duty of the law is over by a clock that may be wrong."""
        terms = self._register.terms(recording)
        alive = living(terms, now)
        over = [
            term
            for term in terms
            if term.basis is Basis.LEGAL_OBLIGATION and term.ended_at is None and term not in alive
        ]
        return alive if not over or self._believed() else (*alive, *over)

    def erase_caller(self, index: bytes, reason: Reason, *, dry_run: bool = False) -> list[Item]:
        """Erase every recording of a caller, known by the blind index of their number."""
        return [
            self.erase(recording.id, reason, dry_run=dry_run) for recording in self._register.of_caller(index)
        ]

    def _sweep_some(self, when: datetime, now: datetime) -> list[Recording]:
        with self._register.transaction():
            due = self._register.due(when, limit=_at_once)
            for recording in due:
                self._register.add_tombstone(Tombstone(recording.id, Reason.EXPIRED, now, now))
        return due

    def _end(
        self, recording: str, purposes: Iterable[str], reason: Reason, now: datetime, *, for_good: bool
    ) -> None:
        with self._register.transaction():
            self._register.end_terms(recording, purposes, now, reason)
            if for_good:
                self._mark(recording, reason, now, now)

    def _mark(self, recording: str, reason: Reason, now: datetime, due_at: datetime) -> None:
        self._register.restrict(recording, now, reason)
        self._register.add_tombstone(Tombstone(recording, reason, now, due_at))


def _binds(term: Term, reason: Reason) -> bool:
    """Whether the law keeps the recording; what was unlawful from the start, no duty can demand."""
    return term.basis is Basis.LEGAL_OBLIGATION and reason is not Reason.UNLAWFUL


def _last(terms: Iterable[Term]) -> datetime | None:
    """The last date; None while one of them has none yet, since the call is still going on."""
    dates = [term.expires_at for term in terms]
    known = [date for date in dates if date is not None]
    return max(known) if len(known) == len(dates) else None
