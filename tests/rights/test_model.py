"""Periods, holds and restrictions together, against what a person would reckon by hand."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr.core.retention import add_period
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.service.rights.rights import Rights
from tests.erasure.stage import House
from tests.holds.test_holds import holds_in, place
from tests.register.samples import seal, term

BASES = (Basis.CONSENT, Basis.LEGITIMATE_INTERESTS, Basis.LEGAL_OBLIGATION)


@dataclass
class Kept:
    """A recording as a person would note it: what each purpose rests on and when it ends."""

    ends: dict[Basis, datetime]
    holds: set[str] = field(default_factory=set)
    restrictions: set[str] = field(default_factory=set)
    ordered: bool = False
    """Somebody said that it must go."""
    gone: bool = False

    def alive(self, now: datetime) -> set[Basis]:
        return {basis for basis, end in self.ends.items() if end > now}

    def go(self, now: datetime) -> None:
        """What a tick does: what was ordered goes, or is due and not restricted, unless it is held."""
        due = not self.alive(now) and not self.restrictions
        self.gone |= not self.holds and (self.ordered or due)


class Model(RuleBasedStateMachine):
    """Whatever people do, and whenever."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(Path(self.folder.name))
        self.kept: dict[str, Kept] = {}
        self.hold_ends: dict[str, datetime] = {}
        self.numbers = count(1)

    def teardown(self) -> None:
        self.folder.cleanup()

    @property
    def now(self) -> datetime:
        return self.house.clock.time

    def one(self, number: int) -> tuple[str, Kept] | None:
        there = [(id, kept) for id, kept in self.kept.items() if not kept.gone]
        return there[number % len(there)] if there else None

    @rule(days=some.dictionaries(some.sampled_from(BASES), some.integers(1, 60), min_size=1))
    def record(self, days: dict[Basis, int]) -> None:
        number = next(self.numbers)
        id = f"r{number}"
        terms = [term(id, basis.value, basis, days=length) for basis, length in days.items()]
        made = seal(self.house.register, str(number), *terms, at=self.now)
        self.house.vault.append(made, 0, b"sealed audio")
        self.kept[made] = Kept({t.basis: add_period(self.now, t.keep, UTC) for t in terms})

    @rule(number=some.integers(0, 99), days=some.integers(1, 90))
    def hold(self, number: int, days: int) -> None:
        if found := self.one(number):
            id, kept = found
            hold = place(
                self.house, id, until=self.now + timedelta(days=days), listeners=frozenset({"manager"})
            )
            kept.holds.add(hold)
            self.hold_ends[hold] = self.now + timedelta(days=days)

    @rule(number=some.integers(0, 99))
    def lift_hold(self, number: int) -> None:
        if (found := self.one(number)) and found[1].holds:
            hold = found[1].holds.pop()
            holds_in(self.house).lift(hold, "anna")
            del self.hold_ends[hold]

    @rule(number=some.integers(0, 99), ground=some.sampled_from(RestrictionGround))
    def restrict(self, number: int, ground: RestrictionGround) -> None:
        if found := self.one(number):
            found[1].restrictions.add(self.rights.restrict(found[0], ground).id)

    @rule(number=some.integers(0, 99))
    def lift_restriction(self, number: int) -> None:
        if (found := self.one(number)) and found[1].restrictions:
            restriction = found[1].restrictions.pop()
            self.house.register.note_told(restriction, self.now)
            self.rights.lift(restriction, None)

    @rule(number=some.integers(0, 99), what=some.sampled_from(("withdraw", "object")))
    def change_of_mind(self, number: int, what: str) -> None:
        if found := self.one(number):
            id, kept = found
            basis = Basis.CONSENT if what == "withdraw" else Basis.LEGITIMATE_INTERESTS
            getattr(self.rights, what)(id, None)
            if kept.ordered:  # a hold was in its way, and whoever asks once more need not wait for the tick
                self._at_once(kept)
            elif basis in kept.alive(self.now):
                kept.ends[basis] = self.now
                if not kept.alive(self.now):
                    kept.ordered = True
                    self._at_once(kept)

    @rule(number=some.integers(0, 99))
    def request(self, number: int) -> None:
        if found := self.one(number):
            id, kept = found
            self.house.erasure().erase(id, Reason.REQUESTED)
            obliged = Basis.LEGAL_OBLIGATION in kept.alive(self.now)
            for basis in kept.alive(self.now) - {Basis.LEGAL_OBLIGATION}:
                kept.ends[basis] = self.now
            if not obliged:
                kept.ordered = True
                self._at_once(kept)

    @staticmethod
    def _at_once(kept: Kept) -> None:
        kept.gone |= not kept.holds

    @rule(hours=some.integers(1, 900))
    def time(self, hours: int) -> None:
        self.house.clock.time += timedelta(hours=hours)
        for hold in holds_in(self.house).tick():
            assert self.hold_ends.pop(hold) <= self.now
            for kept in self.kept.values():
                kept.holds.discard(hold)
        assert all(end > self.now for end in self.hold_ends.values())
        self.house.erasure().tick()
        for kept in self.kept.values():
            kept.go(self.now)

    @property
    def rights(self) -> Rights:
        return Rights(self.house.register, self.house.erasure(), self.house.clock)

    @invariant()
    def register_and_model_agree(self) -> None:
        for id, kept in self.kept.items():
            row = self.house.register.recording(id)
            assert (row.state is State.ERASED) == kept.gone, (id, kept, row)
            assert bool(self.house.register.keys(id)) != kept.gone
            assert (self.house.vault.size(id) is None) == kept.gone
            assert row.restricted or not (kept.restrictions or kept.ordered)


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Model, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )


def test_rights_agree_with_a_simple_model() -> None:
    """Whatever is held, restricted, withdrawn and asked for: what is gone is what a person would reckon."""
    _run(20, 20)


@pytest.mark.slow
def test_rights_agree_with_a_simple_model_for_long() -> None:
    """The same, for many longer histories."""
    _run(500, 60)
