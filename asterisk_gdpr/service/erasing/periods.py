"""The periods of every kind of data but recordings: one engine, which knows no kind by name.

Where an event begins a period, the register writes down a clock in the same transaction. A tick reckons when
each new clock ends, by the rule of the policy that held for it, and then overwrites what has ended:

    data overwritten → journal emptied → clocks closed, the ledger told

Each step may be repeated, so what is killed anywhere is right again after the next tick. A policy that
changes later changes no end that is reckoned. One node at a time does this, whichever claims it first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from asterisk_gdpr.core.policy import Keep, Policy
from asterisk_gdpr.core.retention import add_period, require_past
from asterisk_gdpr.ports import Alarm, Clock, Deadline, ErasureBook, PeriodBook, Shortening, Upkeep

FEW = 20
"""So many of a kind at once are never asked about, whatever share of them all they are."""

ASKS = "data-asks"
"""The alarm that more of a kind is due at once than may go without a person's word."""

CLAIM = timedelta(minutes=10)
"""How long a node that has died may keep the work from the others."""

_at_once = 200
"""Data overwritten in one transaction: calls wait for it, so it must be short."""

PolicyOf = Callable[[str], Policy | None]
"""The policy of a version; None when it cannot be read any more."""


class Book(PeriodBook, ErasureBook, Upkeep, Protocol):
    """What the engine needs of the register."""


class Periods:
    """The engine; `keep` tells the rules of the policy in force, `policy_of` those of an earlier one."""

    def __init__(
        self,
        register: Book,
        keep: Callable[[], Keep],
        policy_of: PolicyOf,
        clock: Clock,
        zone: tzinfo,
        node: str,
        *,
        ask_above: float = 1.0,
    ) -> None:
        """`ask_above` is the share of all data of a kind, 0 to 1, that `tick` overwrites without asking."""
        self._register = register
        self._keep = keep
        self._policy_of = policy_of
        self._clock = clock
        self._zone = zone
        self._node = node
        self._ask_above = ask_above

    def tick(self) -> Mapping[str, int]:
        """What the ticker calls; returns how many of each kind were overwritten.

        When more of a kind is due than may go unasked, nothing is overwritten, an alarm stands, and a
        person's `sweep` decides.
        """
        now = self._clock.now()
        if not self._register.claim("periods", self._node, now, now + CLAIM):
            return {}
        self.reckon()
        asks = self._must_ask(now)
        standing = {alarm.about for alarm in self._register.alarms() if alarm.id == ASKS}
        for kind in asks:
            message = "More of this data is due at once than may go without a person's word: sweep decides."
            self._register.raise_alarm(Alarm(ASKS, kind, now, message))
        for kind in standing - asks:
            self._register.clear_alarm(ASKS, kind, now)
        return {} if asks else self.sweep()

    def reckon(self) -> int:
        """Write when each clock that has no end yet ends; returns how many there were."""
        count = 0
        while undated := self._register.undated(_at_once):
            shorter = self._register.shortenings()
            self._register.set_deadlines([self._dated(each, shorter) for each in undated])
            count += len(undated)
        return count

    def sweep(self, at: datetime | None = None) -> Mapping[str, int]:
        """Overwrite everything that is due; returns how many of each kind.

        Raises Refused (`sweep-early`) for a time to come: a period never ends early.
        """
        now = self._clock.now()
        when = at or now
        require_past(when, now)
        self.reckon()
        counts: dict[str, int] = {}
        while due := self._register.data_due(when, _at_once):
            self._register.overwrite(due)
            if not self._register.checkpoint():
                return counts  # a reader is in the way of the journal: the clocks stand until the next tick
            self._register.close_deadlines(due, now)
            for each in due:
                counts[each.kind] = counts.get(each.kind, 0) + 1
        return counts

    def due(self, at: datetime | None = None) -> Mapping[str, int]:
        """How many of each kind would be overwritten at a time, which may be to come; changes nothing.

        Clocks that began since the last tick are not reckoned yet, and not counted.
        """
        return self._register.count_deadlines(at or self._clock.now())

    def _must_ask(self, now: datetime) -> set[str]:
        all_of, due = self._register.count_deadlines(), self._register.count_deadlines(now)
        return {kind for kind, count in due.items() if count > max(FEW, int(self._ask_above * all_of[kind]))}

    def _dated(self, clock: Deadline, shorter: Sequence[Shortening]) -> Deadline:
        """By the rule of its policy, and by each shorter one that a person let reach what existed by then."""
        policy = self._policy_of(clock.policy) if clock.policy else None
        made_at = clock.made_at or clock.begun_at
        rules = [getattr(policy.keep if policy else self._keep(), clock.kind)]
        rules += [each.keep for each in shorter if each.kind == clock.kind and made_at <= each.at]
        return replace(clock, ends_at=min(add_period(clock.begun_at, rule, self._zone) for rule in rules))
