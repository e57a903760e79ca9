"""A changed policy and the data beside the audio: nothing is lengthened, and shortened only when told.

Of each kind whose rule is shorter now, the clocks that run are brought forward, page by page. What lives
as long as its recording has no clock yet: for that the register keeps the shorter rule, and the engine
reckons by it when the clock begins (`service.erasing.periods`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import tzinfo
from typing import Protocol

from asterisk_gdpr.core.policy import Keep, Period, Policy
from asterisk_gdpr.core.retention import add_period
from asterisk_gdpr.ports import Clock, Deadline, PeriodBook, Shortening

WITH_CALLS = ("call_data", "choices", "receipts", "references")
"""The kinds whose clock begins when a recorded call ends or its recording goes, by the call's own policy."""

_page = 500


class Book(PeriodBook, Protocol):
    """What this needs of the register."""


@dataclass(frozen=True)
class ShortenedData:
    """How much of a kind ends earlier by a rule: clocks that run, and data whose clock begins later."""

    kind: str
    keep: Period
    count: int
    waiting: int = 0


def stored(register: Book) -> dict[str, int]:
    """How much there is of each kind: what has a clock, and what gets one later."""
    found = dict.fromkeys((each.name for each in fields(Keep)), 0)
    for counts in (register.count_deadlines(), *register.count_waiting().values()):
        for kind, count in counts.items():
            found[kind] = found.get(kind, 0) + count
    return found


class DataShortening:
    """Applies shorter rules to what exists; `policy_of` tells an earlier policy by its version."""

    def __init__(
        self, register: Book, policy_of: Callable[[str], Policy | None], zone: tzinfo, clock: Clock
    ) -> None:
        self._register = register
        self._policy_of = policy_of
        self._zone = zone
        self._clock = clock

    def plan(self, keep: Keep) -> list[ShortenedData]:
        """What would end earlier by these rules, by kind; changes nothing."""
        waiting = {each.name: self._waiting(keep, each.name) for each in fields(Keep)}
        counted = [
            ShortenedData(
                kind, getattr(keep, kind), sum(len(page) for page in self._earlier(keep, kind)), waiting[kind]
            )
            for kind in waiting
        ]
        return [each for each in counted if each.count or each.waiting]

    def apply(self, keep: Keep, by_policy: str) -> list[ShortenedData]:
        """Do it; what is returned was done. `by_policy` is the version that the ledger names."""
        now, done = self._clock.now(), self.plan(keep)
        for each in done:
            # The rule first: a clock that is reckoned meanwhile is reckoned by it.
            rule = Shortening(each.kind, now, each.keep)
            self._register.add_shortening(rule, each.count + each.waiting, by_policy)
            for page in self._earlier(keep, each.kind):
                self._register.bring_forward(page)
        return done

    def _earlier(self, keep: Keep, kind: str) -> Iterator[list[Deadline]]:
        """The clocks that run and would end earlier, with that end, page by page."""
        rule, after = getattr(keep, kind), ""
        while page := self._register.deadlines(kind, after, _page):
            after = page[-1].of
            ends = [replace(each, ends_at=add_period(each.begun_at, rule, self._zone)) for each in page]
            yield [
                new
                for old, new in zip(page, ends, strict=True)
                if old.ends_at is not None and new.ends_at is not None and new.ends_at < old.ends_at
            ]

    def _waiting(self, keep: Keep, kind: str) -> int:
        """How much of a kind has no clock yet, and would be kept by a longer rule than this one."""
        if kind not in WITH_CALLS:
            return 0
        rule: Period = getattr(keep, kind)
        reached = [
            each.at
            for each in self._register.shortenings()
            if each.kind == kind and not each.keep.exceeds(rule)
        ]
        count = 0
        for version, counts in self._register.count_waiting(max(reached, default=None)).items():
            policy = self._policy_of(version)
            if policy is not None and getattr(policy.keep, kind).exceeds(rule):
                count += counts[kind]
        return count
