"""A year of calls in virtual time: changing policies, requests, holds, crashes; then register against model.

Every recording is really sealed, and a copy of its container is kept from the day on which it was made:
what was erased must not open from that copy with the vault's private key and the whole register.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest

from asterisk_gdpr.adapters.register import open_register, upgrade
from asterisk_gdpr.core.ledger import verify
from asterisk_gdpr.core.policy import Basis, Keep, Period, Policy, Unit
from asterisk_gdpr.core.recording import Progress, Reason, Recording, State, Term, WrappedKey
from asterisk_gdpr.core.retention import add_period
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import CallRow, Evidence, Register
from asterisk_gdpr.seal.container import Writer
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info, new_data_key
from asterisk_gdpr.seal.layout import Header
from asterisk_gdpr.seal.reader import open_segment_at, scan
from asterisk_gdpr.service.erasing.periods import Periods
from asterisk_gdpr.service.proof.ledger import all_entries
from asterisk_gdpr.service.rights.rights import Rights
from tests.erasure.stage import Fuse, House, Killed
from tests.fakes.register import MemoryRegister
from tests.holds.test_holds import holds_in, place

PRIVATE = VaultPrivateKey.generate()
RATE, FRAMES = 8000, 80
BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)
LINES = {
    "sales": (("quality", Basis.CONSENT), ("disputes", Basis.CONSENT)),
    "support": (("improvement", Basis.LEGITIMATE_INTERESTS),),
    "trading": (("orders", Basis.LEGAL_OBLIGATION), ("quality", Basis.CONSENT)),
}


@dataclass
class Kept:
    """A recording as a person would note it."""

    call: str
    ends: dict[str, tuple[Basis, datetime]]
    container: bytes
    holds: set[str] = field(default_factory=set)
    restrictions: set[str] = field(default_factory=set)
    goes_at: datetime | None = None
    """From when on somebody's word takes it away."""
    gone_at: datetime | None = None

    def alive(self, now: datetime) -> set[str]:
        return {name for name, (_, end) in self.ends.items() if end > now}

    def end(self, names: set[str], now: datetime) -> None:
        self.ends |= {name: (self.ends[name][0], now) for name in names}

    def go(self, now: datetime, *, tick: bool) -> None:
        if self.goes_at is not None:
            goes = self.goes_at <= now
        else:
            goes = tick and not self.alive(now) and not self.restrictions
        if goes and self.gone_at is None and not self.holds:
            self.gone_at = now


@dataclass
class Noted:
    """A call as a person would note it: when it ended, and by whose policy its data is kept."""

    ended_at: datetime
    keep: Keep
    data_ends: datetime | None = None
    choices_end: datetime | None = None


class Year:
    """The world and its model, one day after the other."""

    def __init__(self, register: Register, folder: Path, seed: int) -> None:
        self.house = House(folder, register)
        self.house.clock.time = BEGIN
        self.dice = random.Random(seed)
        self.kept: dict[str, Kept] = {}
        self.calls: dict[str, Noted] = {}
        self.policies: dict[str, Policy] = {}
        self.hold_ends: dict[str, datetime] = {}
        self.callers: dict[str, list[str]] = {}
        self.crashes = 0
        self.change_policy()

    @property
    def now(self) -> datetime:
        return self.house.clock.time

    @property
    def policy(self) -> Policy:
        return self.policies[max(self.policies)]

    # --- what happens

    def change_policy(self) -> None:
        def days(low: int, high: int) -> Period:
            return Period(self.dice.randint(low, high), Unit.DAYS)

        self.periods().reckon()
        version = f"v{len(self.policies):03}"
        keep = Keep(call_data=days(20, 200), choices=days(10, 100), listening_log=days(5, 50))
        self.policies[version] = Policy(None, "eu", None, {}, {}, keep=keep, version=version)  # type: ignore[arg-type]

    def call(self) -> None:
        number = len(self.calls)
        id, caller = f"c{number:06}", f"{self.dice.randrange(1 + 20_000 // 5):016}"
        line = self.dice.choice(list(LINES))
        row = CallRow(
            id,
            f"channel-{id}",
            f"linked-{id}",
            line,
            "en",
            "node1",
            self.policy.version,
            self.now,
            caller_sealed=caller.encode() * 8,
            caller_index=caller.encode(),
            caller_epoch=PRIVATE.public.id,
        )
        register = self.house.register
        register.add_call(row)
        agreed = self.dice.random() < 0.8
        register.commit_choice(Evidence(id, self.now, "agreed" if agreed else "refused", {"keys": [1]}))
        self.calls[id] = Noted(self.now, self.policy.keep)
        if agreed:
            self.record(id, f"r{number:06}", line)
            self.callers.setdefault(caller, []).append(f"r{number:06}")
        register.end_call(id, self.now, "ended_after_talk")
        if not agreed:
            self.settle(id, self.now)

    def record(self, call: str, id: str, line: str) -> None:
        terms = [
            Term(id, name, basis, Period(self.dice.randint(10, 200), Unit.DAYS))
            for name, basis in LINES[line]
        ]
        data, writer = Writer.start(
            Header(id, self.now.strftime("%Y-%m-%dT%H:%M:%SZ"), RATE, PRIVATE.public.id)
        )
        key = new_data_key()
        wrapped = WrappedKey(id, 1, PRIVATE.public.id, PRIVATE.public.wrap(key, data_key_info(id, 1)))
        step, writer = writer.begin_generation(1, key)
        data += step
        step, writer, _ = writer.segment(FRAMES, f"what was said in {id}".encode())
        data += step
        done = Progress(id, writer.size, writer.chain, 1, 1, 1, 0, FRAMES)
        row = Recording(id, call, line, State.PREPARED, self.policy.version, "node1", RATE, self.now)
        self.house.register.add_recording(row, wrapped, terms, done)
        self.house.vault.append(id, 0, data)
        self.house.register.seal_recording(done, self.now)
        ends = {term.purpose: (term.basis, add_period(self.now, term.keep, UTC)) for term in terms}
        self.kept[id] = Kept(call, ends, data)

    def one(self) -> tuple[str, Kept] | None:
        for _ in range(10):
            id = self.dice.choice(list(self.kept)) if self.kept else ""
            if id and self.kept[id].gone_at is None:
                return id, self.kept[id]
        return None

    def withdraw_in_the_call(self, id: str, kept: Kept) -> None:
        consents = {name for name, (basis, _) in kept.ends.items() if basis is Basis.CONSENT}
        ended = consents & kept.alive(self.now)
        if ended:
            self.house.erasure().withdraw(id, ended, Reason.WITHDRAWN, timedelta(days=2))
            kept.end(ended, self.now)
            if not kept.alive(self.now):
                self.order(kept, self.now + timedelta(days=2))

    def change_of_mind(self, id: str, kept: Kept) -> None:
        object_to_it = self.dice.random() < 0.5
        basis = Basis.LEGITIMATE_INTERESTS if object_to_it else Basis.CONSENT
        rights = Rights(self.house.register, self.house.erasure(), self.house.clock)
        (rights.object if object_to_it else rights.withdraw)(id, None)
        ended = {name for name in kept.alive(self.now) if kept.ends[name][0] is basis}
        kept.end(ended, self.now)
        if ended and not kept.alive(self.now):
            self.order(kept, self.now)

    def request(self, id: str, _kept: Kept) -> None:
        caller = next(caller for caller, theirs in self.callers.items() if id in theirs)
        self.house.erasure().erase_caller(caller.encode(), Reason.REQUESTED)
        for theirs in self.callers[caller]:
            kept = self.kept[theirs]
            alive = kept.alive(self.now)
            obliged = {name for name in alive if kept.ends[name][0] is Basis.LEGAL_OBLIGATION}
            if kept.gone_at is None:
                kept.end(alive - obliged, self.now)
                if not obliged:
                    self.order(kept, self.now)

    def order(self, kept: Kept, at: datetime) -> None:
        kept.goes_at = min(at, kept.goes_at or at)
        kept.go(self.now, tick=False)
        self.note_gone(kept)

    def hold(self, id: str, kept: Kept) -> None:
        until = self.now + timedelta(days=self.dice.randint(1, 80))
        hold = place(self.house, id, until=until, listeners=frozenset({"manager"}))
        kept.holds.add(hold)
        self.hold_ends[hold] = until

    def restrict(self, id: str, kept: Kept) -> None:
        rights = Rights(self.house.register, self.house.erasure(), self.house.clock)
        kept.restrictions.add(rights.restrict(id, RestrictionGround.CLAIMS).id)

    def lift(self, _id: str, _kept: Kept) -> None:
        for kept in self.kept.values():
            if kept.holds and self.dice.random() < 0.5:
                hold = kept.holds.pop()
                holds_in(self.house).lift(hold, "anna")
                del self.hold_ends[hold]
                return
            if kept.restrictions and kept.gone_at is None:
                rights = Rights(self.house.register, self.house.erasure(), self.house.clock)
                rights.lift(kept.restrictions.pop(), self.now)
                return

    def listen(self, id: str, _kept: Kept) -> None:
        self.house.register.record("listened", {"user": "quinn", "recording": id}, self.now)

    # --- the end of a day

    def tick(self) -> None:
        """The daemon's round, killed at any point now and then, and begun again by another process."""
        self.house.clock.time += timedelta(days=1)
        if self.dice.random() < 0.15:
            fuse = Fuse(self.dice.randint(1, 80))
            try:
                self.round(fuse)
            except Killed:
                self.crashes += 1
                self.house.erasure().reconcile()
        self.round(None)
        for kept in self.kept.values():
            kept.go(self.now, tick=True)
            self.note_gone(kept)

    def round(self, fuse: Fuse | None) -> None:
        for hold in holds_in(self.house).tick():
            assert self.hold_ends.pop(hold) <= self.now
            for kept in self.kept.values():
                kept.holds.discard(hold)
        self.house.erasure(fuse, batch=25).tick()
        self.periods(fuse).tick()

    def periods(self, fuse: Fuse | None = None) -> Periods:
        register = fuse.lay(self.house.register) if fuse else self.house.register
        return Periods(register, lambda: self.policy.keep, self.policies.get, self.house.clock, UTC, "node1")

    def note_gone(self, kept: Kept) -> None:
        if kept.gone_at is not None and self.calls[kept.call].data_ends is None:
            self.settle(kept.call, kept.gone_at)

    def settle(self, call: str, at: datetime) -> None:
        noted = self.calls[call]
        noted.data_ends = max(at, add_period(noted.ended_at, noted.keep.call_data, UTC))
        noted.choices_end = add_period(max(at, noted.ended_at), noted.keep.choices, UTC)

    # --- the comparison

    def count(self) -> None:
        """On every day as many are gone as should be, and none of them a day early."""
        gone = sum(kept.gone_at is not None for kept in self.kept.values())
        there = self.house.register.count_recordings()
        assert (there.get(State.ERASED, 0), sum(there.values())) == (gone, len(self.kept)), self.now

    def compare(self, *, opening: bool = True) -> None:
        """Register and model agree in every recording and every call, and what is gone does not open."""
        register = self.house.register
        for id, kept in self.kept.items():
            row = register.recording(id)
            assert (row.state is State.ERASED) == (kept.gone_at is not None), (id, kept, row)
            assert bool(register.keys(id)) == (kept.gone_at is None), id
            assert not opening or self.opens(id, kept.container) == (kept.gone_at is None), id
            assert (self.house.vault.size(id) is None) == (kept.gone_at is not None)
            assert (register.call(kept.call).caller_sealed is None) == (kept.gone_at is not None)
            assert (register.certificate(id) is not None) == (kept.gone_at is not None)
        for id, noted in self.calls.items():
            data_gone = noted.data_ends is not None and noted.data_ends <= self.now
            choice_gone = noted.choices_end is not None and noted.choices_end <= self.now
            evidence = register.evidence(id)
            assert (register.call(id).channel == "") == data_gone, (id, noted)
            assert evidence is not None and (evidence.facts == {}) == choice_gone, (id, noted)
        assert verify(all_entries(register)).ok
        assert register.alarms() == [] or {a.id for a in register.alarms()} == {"hold-on-withdrawn"}

    def opens(self, id: str, container: bytes) -> bool:
        """Whether a copy of the container opens with the private key and all that the register has."""
        read: Callable[[int, int], bytes] = lambda offset, length: container[offset : offset + length]  # noqa: E731
        found = scan(read, len(container))
        (at,) = found.segments
        for wrapped in self.house.register.keys(id):
            key = PRIVATE.unwrap(wrapped.wrapped, data_key_info(id, 1))
            try:
                return open_segment_at(read, found, at, key) == f"what was said in {id}".encode()
            except GdprError:
                return False
        return False


def live(year: Year, calls: int, days: int) -> None:
    """Let the days pass, and as many calls come, spread over them."""
    acts = (
        year.withdraw_in_the_call,
        year.change_of_mind,
        year.request,
        year.hold,
        year.restrict,
        year.lift,
        year.listen,
    )
    for day in range(days):
        for _ in range(calls * (day + 1) // days - calls * day // days):
            year.call()
        for _ in range(max(2, calls // days // 4)):
            if found := year.one():
                year.dice.choice(acts)(*found)
        if day % 60 == 59:
            year.change_policy()
        year.tick()
        year.count()
        if day % 30 == 29:
            year.compare(opening=False)
    year.compare()


def test_a_small_year(tmp_path: Path) -> None:
    """A small year of calls, requests, holds, policies and crashes ends as a person would reckon."""
    year = Year(MemoryRegister(), tmp_path, seed=7)
    live(year, calls=90, days=180)
    assert year.crashes > 3 and any(kept.gone_at for kept in year.kept.values())


@pytest.mark.slow
def test_a_year_of_twenty_thousand_calls(tmp_path: Path) -> None:
    """After a year of 20,000 calls register and model agree exactly, and nothing opens that was erased."""
    memory = Path("/dev/shm")  # a year of commits waits for no disk
    folder = Path(mkdtemp(prefix="asterisk-gdpr-year-", dir=memory if memory.is_dir() else tmp_path))
    try:
        upgrade(f"sqlite:///{folder}/register.db")
        with closing(open_register(f"sqlite:///{folder}/register.db")) as register:
            year = Year(register, tmp_path, seed=2026)
            live(year, calls=20_000, days=365)
            assert len(year.calls) == 20_000 and year.crashes > 20
            left = b"".join(file.read_bytes() for file in folder.glob("register.db*"))
            gone = [call for call, noted in year.calls.items() if (noted.data_ends or year.now) < year.now]
            assert gone and not any(f"channel-{call}".encode() in left for call in gone[::97])
    finally:
        shutil.rmtree(folder)
