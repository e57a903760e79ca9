"""The periods of every kind of data: begun by an event, never early, in time, whatever is killed or away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from asterisk_gdpr.adapters.register import open_register, upgrade
from asterisk_gdpr.adapters.register.kinds import KINDS
from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.core.holds import Hold, HoldGround
from asterisk_gdpr.core.ledger import verify
from asterisk_gdpr.core.never import NeverEntry
from asterisk_gdpr.core.policy import Keep, Period, Policy, Unit
from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.core.requests import Request, Right, Status
from asterisk_gdpr.core.retention import add_period
from asterisk_gdpr.core.rights import Handover
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Agent, Alarm, Evidence, Register, User
from asterisk_gdpr.service.erasing.data_shortening import DataShortening
from asterisk_gdpr.service.erasing.periods import FEW, Periods
from asterisk_gdpr.service.proof.ledger import all_entries
from tests.erasure.stage import Fuse, HandClock, Killed
from tests.fakes.register import MemoryRegister
from tests.register.samples import call, day, noon, prepare, seal

berlin = ZoneInfo("Europe/Berlin")
SECRET = "PJSIP/secret-of-anna-0000042a"
"""A channel's name that must not be found again."""


@dataclass
class Office:
    """A register, the policy's rules, and a clock set by hand; processes come and go."""

    register: Register = field(default_factory=lambda: MemoryRegister(berlin))
    keep: Keep = field(default_factory=Keep)
    clock: HandClock = field(default_factory=HandClock)
    earlier: dict[str, Keep] = field(default_factory=dict)

    def periods(self, fuse: Fuse | None = None, node: str = "node1", ask_above: float = 1.0) -> Periods:
        register = fuse.lay(self.register) if fuse else self.register
        return Periods(
            register, lambda: self.keep, self._policy_of, self.clock, berlin, node, ask_above=ask_above
        )

    def _policy_of(self, version: str) -> Policy | None:
        keep = self.earlier.get(version)
        return Policy(None, "eu", None, {}, {}, keep=keep) if keep else None  # type: ignore[arg-type]

    def pass_time(self, **time: float) -> None:
        self.clock.time += timedelta(**time)

    def ended_call(self, id: str = "c1", **values: Any) -> None:
        """A call that chose, and that no recording belongs to."""
        self.register.add_call(call(id, self.clock.time, **values))
        self.register.commit_choice(
            Evidence(id, self.clock.time, "refused", {"keys": [{"digit": "2", "at": "then"}]})
        )
        self.register.end_call(id, self.clock.time, "refused")


@pytest.fixture
def office(register: Register) -> Office:
    """An office with each kind of register in turn."""
    return Office(register)


@pytest.fixture(params=["memory", "sql"])
def register(request: pytest.FixtureRequest, sql_file: Path) -> Any:
    """Each kind of register in turn, empty."""
    if request.param == "memory":
        yield MemoryRegister(berlin)
        return
    with closing(open_register(f"sqlite:///{sql_file}", berlin)) as opened:
        yield opened


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register's file that is up to date and empty."""
    path = tmp_path_factory.mktemp("periods") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sql_file(empty: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(empty, tmp_path / "register.db"))


def _begin_call_data(office: Office) -> None:
    office.register.add_call(call("c1", office.clock.time, channel=SECRET))
    office.register.end_call("c1", office.clock.time, "refused")


def _begin_choices(office: Office) -> None:
    office.ended_call()


def _begin_listening_log(office: Office) -> None:
    office.register.record("listened", {"user": SECRET, "recording": "r1"}, office.clock.time)


def _begin_agents(office: Office) -> None:
    agent = Agent("a1", SECRET, "consented", "v1", office.clock.time)
    office.register.put_agent(agent)
    office.register.put_agent(replace(agent, standing="removed", withdrawn_at=office.clock.time))


def _begin_users(office: Office) -> None:
    user = User(SECRET, "hash", frozenset({"quality"}), office.clock.time)
    office.register.put_user(user, office.clock.time)
    office.register.put_user(replace(user, disabled_at=office.clock.time), office.clock.time)


def _begin_alarms(office: Office) -> None:
    office.register.raise_alarm(Alarm("sealing-stalled", SECRET, office.clock.time, f"about {SECRET}"))
    office.register.clear_alarm("sealing-stalled", SECRET, office.clock.time)


def _begin_holds(office: Office) -> None:
    seal(office.register, "7", at=office.clock.time)
    until = office.clock.time + 99 * day
    hold = Hold("h1", SECRET, HoldGround.LEGAL_CLAIMS, SECRET, SECRET, frozenset(), office.clock.time, until)
    office.register.add_hold(hold, ["r7"])
    office.register.end_hold("h1", office.clock.time, SECRET)


def _begin_recipients(office: Office) -> None:
    now = office.clock.time
    made = seal(office.register, "8", at=now)
    office.register.add_handover(Handover("o1", made, now, SECRET, SECRET, "dispute"))
    office.register.add_tombstone(Tombstone(made, Reason.REQUESTED, now, now))
    office.register.finish_erasure(made, now, b"certificate")


def _begin_requests(office: Office) -> None:
    now = office.clock.time
    words = {name: SECRET for name in ("opened_by", "contact", "asked", "identified_by", "closed_by")}
    opened = Request("q1", Right.OBJECTION, now, answer_by=now, language="en", opened_at=now, **words)
    office.register.add_request(replace(opened, subject=SECRET.encode(), assigned_to=SECRET))
    refused = replace(office.register.request("q1"), status=Status.REFUSED, closed_at=now)
    office.register.close_request(refused, forget=False)


def _recorded(office: Office) -> str:
    """A call with its recording, which is over."""
    prepare(office.register, "5", at=office.clock.time)
    return "c5"


def _begin_receipts(office: Office) -> None:
    id = _recorded(office)
    office.register.add_receipt(id, SECRET.encode())
    office.register.end_call(id, office.clock.time, "ended_after_talk")


def _begin_references(office: Office) -> None:
    prepare(office.register, "6", at=office.clock.time)
    office.register.end_call("c6", office.clock.time, "ended_after_talk")
    office.register.set_reference("c6", SECRET.encode(), office.clock.time)


def _begin_never_list(office: Office) -> None:
    now = office.clock.time
    office.register.add_never(
        NeverEntry("n1", "", SECRET.encode(), SECRET.encode() * 3, "epoch1", "person", now, now + day)
    )


def _begin_evaluations(office: Office) -> None:
    now = office.clock.time
    seal(office.register, "9", at=now)
    office.register.add_evaluation(
        Evaluation("e1", "r9", "service", SECRET, now, 60, {"greeting": 3}, SECRET, SECRET)
    )


BEGINS: dict[str, Callable[[Office], None]] = {
    name.removeprefix("_begin_"): made for name, made in list(globals().items()) if name.startswith("_begin_")
}


def test_every_kind_has_its_rule_and_its_end() -> None:
    """Each kind of data has a rule in the policy, and an end that the register knows."""
    rules = {each.name for each in fields(Keep)}

    assert set(KINDS) == rules
    assert set(BEGINS) == set(KINDS)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", BEGINS)
def test_a_datum_is_overwritten_when_its_period_has_ended(office: Office, kind: str) -> None:
    """Each kind of data stays for its period, to the last second, and is gone at the next tick after it."""
    BEGINS[kind](office)
    ends_at = add_period(office.clock.time, getattr(office.keep, kind), berlin)
    office.periods().tick()

    office.clock.time = ends_at - timedelta(seconds=1)
    assert kind not in office.periods().tick()
    assert office.periods().due(ends_at)[kind] >= 1

    office.clock.time = ends_at
    assert office.periods().tick()[kind] >= 1
    assert kind not in office.periods().tick()


@pytest.mark.thorough
@pytest.mark.parametrize("kind", BEGINS)
def test_what_was_overwritten_is_in_no_file(sql_file: Path, kind: str) -> None:
    """What a period has ended is in no byte of the register and its journal, and the chain verifies."""
    with closing(open_register(f"sqlite:///{sql_file}", berlin)) as register:
        office = Office(register, Keep(**{each.name: Period(1, Unit.DAYS) for each in fields(Keep)}))
        BEGINS[kind](office)
        office.pass_time(days=3)
        office.periods().tick()
        office.pass_time(days=3)
        office.periods().tick()
        entries = list(all_entries(register))

    assert verify(entries).ok
    left = b"".join(each.read_bytes() for each in sql_file.parent.glob("register.db*"))
    assert SECRET.encode() not in left
    assert b'"digit"' not in left or kind != "choices"


def test_a_call_is_kept_as_long_as_its_recording(office: Office) -> None:
    """Call data and evidence outlive their recording: the one by its period, the other from the erasure."""
    made = prepare(office.register, "1", channel=SECRET)
    office.register.commit_choice(Evidence("c1", noon, "agreed", {"keys": []}))
    office.register.end_call("c1", noon, "ended_after_talk")
    office.pass_time(days=500)
    assert office.periods().tick() == {}
    assert office.register.call("c1").channel == SECRET

    office.register.add_tombstone(Tombstone(made, Reason.REQUESTED, office.clock.time, office.clock.time))
    office.register.destroy_keys(made, office.clock.time)
    office.register.finish_erasure(made, office.clock.time, b"certificate")
    erased_at = office.clock.time
    assert office.periods().tick() == {"call_data": 1}
    assert (office.register.call("c1").channel, office.register.call("c1").linkedid) == ("", "")
    assert office.register.call("c1").arrived_at == datetime(2026, 11, 23, tzinfo=UTC)

    office.clock.time = add_period(erased_at, office.keep.choices, berlin)
    assert office.periods().tick()["choices"] == 1
    evidence = office.register.evidence("c1")
    assert evidence is not None and (evidence.outcome, evidence.facts) == ("agreed", {})


def test_a_changed_policy_lengthens_nothing_that_exists(office: Office) -> None:
    """The rule of the policy under which a call was made holds for it, whatever came later."""
    office.earlier["version1"] = Keep(call_data=Period(10, Unit.DAYS))
    office.ended_call()
    office.keep = Keep(call_data=Period(9, Unit.YEARS))
    office.pass_time(days=11)

    assert office.periods().tick()["call_data"] == 1


def test_a_receipt_goes_by_its_own_period_and_with_the_number_at_the_latest(office: Office) -> None:
    """Receipt and reference end before their recording if their rule says so, and never outlive it."""
    office.keep = Keep(receipts=Period(10, Unit.DAYS), references=Period(20, Unit.DAYS))
    made = prepare(office.register, "1")
    office.register.add_receipt("c1", b"receipt")
    office.register.set_reference("c1", b"ticket", noon)
    office.register.end_call("c1", noon, "ended_after_talk")
    office.pass_time(days=11)

    assert office.periods().tick()["receipts"] == 1
    assert office.register.call_of_receipt(b"receipt") is None
    assert [row.id for row in office.register.calls_of_reference(b"ticket")] == ["c1"]

    now = office.clock.time
    office.register.add_tombstone(Tombstone(made, Reason.REQUESTED, now, now))
    with pytest.raises(Refused) as refused:
        office.register.set_reference("c1", b"other", now)
    assert refused.value.id == "no-recording"
    office.register.destroy_keys(made, now)
    assert office.register.calls_of_reference(b"ticket") == []
    assert "references" not in office.register.count_deadlines()


def test_a_mark_of_the_never_list_lives_from_the_last_time_it_was_asked_for(office: Office) -> None:
    """Who asks for it again is kept for another whole period; then the number is gone and asked again."""
    office.keep = Keep(never_list=Period(10, Unit.DAYS))
    _begin_never_list(office)
    office.periods().tick()
    office.pass_time(days=9)
    _begin_never_list(office)
    office.pass_time(days=9)
    assert office.periods().tick() == {}
    assert len(office.register.nevers()) == 1

    office.pass_time(days=2)
    assert office.periods().tick() == {"never_list": 1}
    assert office.register.nevers() == []


def shortening(office: Office) -> DataShortening:
    """What a person does who lets shorter rules reach what exists."""
    return DataShortening(office.register, office._policy_of, berlin, office.clock)


def test_shorter_rules_reach_what_exists_when_told(office: Office) -> None:
    """Told so, what runs and what waits for its recording ends by the shorter rule; later calls do not."""
    long, short = Period(5, Unit.YEARS), Keep(call_data=Period(30, Unit.DAYS), alarms=Period(9, Unit.DAYS))
    office.earlier["version1"] = office.keep = Keep(call_data=long, choices=Period(1, Unit.DAYS))
    prepare(office.register, "1")
    office.register.end_call("c1", noon, "ended_after_talk")
    office.ended_call("c2")
    _begin_alarms(office)
    office.periods().tick()
    office.keep = short
    entries = len(office.register.entries())

    planned = shortening(office).plan(short)
    assert [(each.kind, each.count, each.waiting) for each in planned] == [
        ("call_data", 1, 1),
        ("alarms", 1, 0),
    ]
    assert len(office.register.entries()) == entries
    assert shortening(office).apply(short, "version2") == planned
    assert [entry.kind for entry in office.register.entries()][entries:] == ["data-shortened"] * 2
    assert shortening(office).apply(short, "version2") == []

    office.pass_time(days=40)
    office.ended_call("c3")
    assert office.periods().tick() == {"call_data": 1, "choices": 1, "alarms": 1}
    assert office.register.call("c2").channel == "" and office.register.call("c1").channel != ""
    now = office.clock.time
    office.register.add_tombstone(Tombstone("r1", Reason.EXPIRED, now, now))
    office.register.finish_erasure("r1", now, b"")
    assert office.periods().tick()["call_data"] == 1
    assert office.register.call("c1").channel == ""
    office.pass_time(days=40)
    assert "call_data" not in office.periods().tick()
    assert office.register.call("c3").channel != ""


def test_an_end_is_never_put_off(office: Office) -> None:
    """The register itself brings an end forward and never puts it off."""
    office.ended_call()
    office.periods().tick()
    (clock,) = office.register.deadlines("call_data", "", 9)
    assert clock.ends_at is not None
    office.register.bring_forward([replace(clock, ends_at=clock.ends_at + day)])
    assert office.register.deadlines("call_data", "", 9) == [clock]
    earlier = replace(clock, ends_at=clock.ends_at - day)
    office.register.bring_forward([earlier])
    assert office.register.deadlines("call_data", "", 9) == [earlier]
    assert office.register.deadlines("call_data", clock.of, 9) == []


def test_longer_rules_reach_nothing_even_when_told(office: Office) -> None:
    """Letting a longer rule reach what exists changes nothing, and an earlier shortening is never undone."""
    office.earlier["version1"] = office.keep = Keep(call_data=Period(90, Unit.DAYS))
    office.ended_call()
    office.periods().tick()
    before = dict(office.register.count_deadlines(noon + 91 * day))

    assert shortening(office).apply(Keep(call_data=Period(2, Unit.YEARS)), "version2") == []
    assert dict(office.register.count_deadlines(noon + 91 * day)) == before


def test_what_comes_back_is_kept(office: Office) -> None:
    """A user who is let in again, and an agent who takes calls again, keep their data."""
    _begin_users(office)
    _begin_agents(office)
    office.periods().tick()
    office.register.put_user(User(SECRET, "hash", frozenset(), office.clock.time), office.clock.time)
    office.register.put_agent(Agent("a1", SECRET, "consented", "v2", office.clock.time))
    office.pass_time(days=2000)
    office.periods().tick()

    assert [user.name for user in office.register.users()] == [SECRET]
    assert [agent.endpoint for agent in office.register.agents()] == [SECRET]


def test_names_of_users_never_meet_again(sql_file: Path) -> None:
    """However many users are overwritten, each leaves a row of its own, and nobody is listed."""
    with closing(open_register(f"sqlite:///{sql_file}", berlin)) as register:
        office = Office(register)
        for name in ("a", "b", "c", "jo", "flo"):
            user = User(name, "hash", frozenset(), noon, disabled_at=noon)
            register.put_user(user, noon)
        office.pass_time(days=400)
        office.periods().tick()

        assert register.users() == [] and register.user("a") is None
        assert register.user("~0") is None


@pytest.mark.parametrize("real", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_killed_anywhere_in_a_tick(real: bool, empty: Path, tmp_path: Path) -> None:
    """A tick that is killed at any point is finished by the next one, and tells the ledger once."""
    for burns_at in count(1):
        register: Register = MemoryRegister(berlin)
        if real:
            path = shutil.copy(empty, tmp_path / f"{burns_at}.db")
            register = open_register(f"sqlite:///{path}", berlin)
        office = Office(register)
        for begin in BEGINS.values():
            if begin is not _begin_choices:
                begin(office)
        office.pass_time(days=2000)
        try:
            office.periods(Fuse(burns_at)).tick()
        except Killed:
            office.periods().tick()
        else:
            assert burns_at > 10
            return
        assert register.call("c1").channel == ""
        told = [entry.payload or {} for entry in register.entries() if entry.kind == "data-erased"]
        assert [each["kind"] for each in told].count("call_data") == 1
        register.close()


def test_a_reader_of_the_journal_makes_it_wait() -> None:
    """While the journal cannot be emptied nothing counts as erased; the next tick goes on."""

    class Busy(MemoryRegister):
        free = False

        def checkpoint(self) -> bool:
            return self.free

    register = Busy(berlin)
    office = Office(register)
    _begin_alarms(office)
    office.pass_time(days=100)

    assert office.periods().tick() == {}
    register.free = True
    assert office.periods().tick() == {"alarms": 1}


def test_more_than_its_share_waits_for_a_person(office: Office) -> None:
    """When more of a kind is due at once than may go unasked, an alarm stands until a person sweeps."""
    for number in range(FEW + 5):
        office.ended_call(f"c{number}")
    office.pass_time(days=400)
    careful = office.periods(ask_above=0.5)

    assert careful.tick() == {}
    assert {(alarm.id, alarm.about) for alarm in office.register.alarms()} == {("data-asks", "call_data")}
    assert careful.sweep()["call_data"] == FEW + 5
    careful.tick()
    assert office.register.alarms() == []
    with pytest.raises(Refused) as refused:
        careful.sweep(office.clock.time + day)
    assert refused.value.id == "sweep-early"


def test_one_node_at_a_time(office: Office) -> None:
    """Of several nodes one has the work; when it has died, another takes it."""
    _begin_alarms(office)
    office.periods(node="node1").tick()
    office.pass_time(days=100)
    office.periods(node="node1").tick()
    _begin_alarms(office)
    office.pass_time(minutes=5)

    assert office.register.claim("periods", "node2", office.clock.time, office.clock.time) is False
    office.pass_time(days=100)
    assert office.periods(node="node2").tick() == {"alarms": 1}


# --- against a simple model


class Model(RuleBasedStateMachine):
    """Calls, listenings and erasures under changing policies, beside what a person would reckon by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        self.expected: dict[tuple[str, str], datetime] = {}
        self.gone: set[tuple[str, str]] = set()
        self.numbers = count(1)
        self.open: list[str] = []
        self.begun: dict[tuple[str, str], datetime] = {}
        self.shortened: dict[str, list[Period]] = {}

    @initialize(years=some.integers(1, 3))
    def first_policy(self, years: int) -> None:
        self.policy(Period(years, Unit.YEARS), Period(3, Unit.MONTHS))

    @rule(
        call_data=some.builds(Period, some.integers(1, 40), some.sampled_from(Unit)),
        log=some.builds(Period, some.integers(1, 40), some.sampled_from(Unit)),
    )
    def policy(self, call_data: Period, log: Period) -> None:
        self.office.periods().reckon()  # a policy is taken up between two ticks
        self.office.keep = Keep(call_data=call_data, listening_log=log, choices=call_data)
        self.office.earlier[f"v{len(self.office.earlier)}"] = self.office.keep

    @rule(call_data=some.builds(Period, some.integers(1, 40), some.sampled_from(Unit)))
    def shorten(self, call_data: Period) -> None:
        """A person lets a rule reach all that exists: each end is the earlier of the two."""
        keep = replace(self.office.keep, call_data=call_data, choices=call_data)
        self.policy(keep.call_data, keep.listening_log)
        before = dict(self.expected)
        shortening(self.office).apply(keep, self.version)
        for (kind, of), end in before.items():
            self.expected[kind, of] = min(end, add_period(self.begun[kind, of], getattr(keep, kind), berlin))
        for id in self.open:
            self.shortened.setdefault(id, []).append(call_data)
        # What begins in the same instant counts as there before: a person cannot tell them apart.
        self.office.pass_time(seconds=1)

    @property
    def version(self) -> str:
        return f"v{len(self.office.earlier) - 1}"

    @rule(recorded=some.booleans())
    def call(self, recorded: bool) -> None:
        number, now = next(self.numbers), self.office.clock.time
        id = f"c{number}"
        if recorded:
            prepare(self.office.register, str(number), at=now, policy=self.version)
            self.open.append(id)
        else:
            self.office.register.add_call(call(id, now, policy=self.version))
        self.office.register.commit_choice(Evidence(id, now, "agreed", {"keys": [1]}))
        self.office.register.end_call(id, now, "ended")
        if not recorded:
            self.expect(id, now, now, self.office.keep.call_data)

    @rule()
    def erase(self) -> None:
        if not self.open:
            return
        id, now = self.open.pop(0), self.office.clock.time
        row = self.office.register.call(id)
        rules = [self.office.earlier[row.policy].call_data, *self.shortened.get(id, [])]
        made = row.recording or ""
        self.office.register.add_tombstone(Tombstone(made, Reason.EXPIRED, now, now))
        self.office.register.finish_erasure(made, now, b"")
        assert row.ended_at is not None
        self.expect(id, row.ended_at, now, *rules)

    def expect(self, id: str, ended_at: datetime, erased_at: datetime, *rules: Period) -> None:
        """Call data end by the call's end, its evidence by the erasure, by the shortest rule that holds."""
        for kind, begun in (("call_data", ended_at), ("choices", erased_at)):
            self.begun[kind, id] = begun
            self.expected[kind, id] = min(add_period(begun, rule, berlin) for rule in rules)

    @rule()
    def listen(self) -> None:
        now = self.office.clock.time
        entry = self.office.register.record("listened", {"user": "quinn"}, now)
        self.begun["listening_log", str(entry.seq)] = now
        self.expected["listening_log", str(entry.seq)] = add_period(
            now, self.office.keep.listening_log, berlin
        )

    @rule(hours=some.integers(1, 5000))
    def time(self, hours: int) -> None:
        self.office.periods().reckon()
        self.office.pass_time(hours=hours)
        self.office.periods().tick()
        self.gone |= {datum for datum, end in self.expected.items() if end <= self.office.clock.time}

    @invariant()
    def model_and_register_agree(self) -> None:
        for datum in self.expected:
            assert self._is_gone(*datum) == (datum in self.gone), datum

    def _is_gone(self, kind: str, of: str) -> bool:
        register = self.office.register
        if kind == "call_data":
            return register.call(of).channel == ""
        if kind == "choices":
            evidence = register.evidence(of)
            return evidence is not None and evidence.facts == {}
        return register.entries(int(of) - 1, 1)[0].payload is None


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Model,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None),
    )


def test_periods_agree_with_a_simple_model() -> None:
    """Whatever calls, listens, erasures and changes of policy come: what is gone is what a person reckons."""
    _run(15, 20)


@pytest.mark.slow
def test_periods_agree_with_a_simple_model_for_long() -> None:
    """The same, for many longer histories."""
    _run(300, 60)
