"""Holds: they beat every deletion, end by themselves, and let what was due meanwhile go."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from asterisk_gdpr.core.holds import HoldGround, fewer
from asterisk_gdpr.core.policy import Asking, Basis, Period, Policy, Purpose, Unit
from asterisk_gdpr.core.recording import Reason, State, Tombstone
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Register
from asterisk_gdpr.service.erasing.erasure import Item, Result
from asterisk_gdpr.service.erasing.holds import Holds
from tests.erasure.stage import House
from tests.register.samples import day, noon, number_index, seal, term

CLAIMS, AUTHORITY = HoldGround.LEGAL_CLAIMS, HoldGround.AUTHORITY


def _purpose(name: str, *listeners: str) -> Purpose:
    return Purpose(
        name, Basis.CONSENT, Asking.OPT_IN, Period(90, Unit.DAYS), frozenset(listeners), {"en": name}
    )


PURPOSES = {
    "quality": _purpose("quality", "quality", "supervisor"),
    "disputes": _purpose("disputes", "manager"),
}
POLICY = Policy(None, "eu", None, PURPOSES, {})  # type: ignore[arg-type]  # holds ask for purposes alone


def holds_in(house: House) -> Holds:
    """The service of a house."""
    return Holds(house.register, lambda: POLICY, house.clock)


def place(house: House, *recordings: str, **changed: Any) -> str:
    """Place a hold for a case in court, for a year unless said otherwise; returns its id."""
    said = {"case": "4 O 12/26", "ground": CLAIMS, "why": "The customer sues.", "by": "cli:anna"}
    until = house.clock.time + 365 * day
    return holds_in(house).place(recordings, **{**said, "until": until, **changed}).id


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house without recordings."""
    return House(tmp_path)


# --- what a register does


@pytest.mark.thorough
def test_holds_come_back(register: Register) -> None:
    """A hold comes back as it was placed, stands until it is ended once, and the ledger has both."""
    one, other = seal(register, "1"), seal(register, "2")
    holds = Holds(register, lambda: POLICY, House(Path(), register).clock)
    until = noon + 30 * day
    hold = holds.place([one, other], case="A 1", ground=CLAIMS, why="sued", by="cli:anna", until=until)

    assert register.hold(hold.id) == hold
    assert register.holds() == register.holds_of(one) == [hold]
    assert register.recordings_held(hold.id) == [one, other]
    assert register.end_hold(hold.id, noon + day, "cli:ben")
    assert not register.end_hold(hold.id, noon + 2 * day, "cli:ben")
    assert register.holds() == register.holds_of(one) == []
    (ended,) = register.holds(ended=True)
    assert (ended.ended_at, ended.ended_by, ended.stands) == (noon + day, "cli:ben", False)
    assert [e.kind for e in register.entries() if e.kind.startswith("hold")] == ["hold-placed", "hold-lifted"]
    for ask in (lambda: register.hold("h9"), lambda: register.end_hold("h9", noon, "")):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.id == "unknown-hold"


def test_the_register_itself_refuses(register: Register) -> None:
    """While a hold stands the register destroys no key and calls nothing due, whoever asks it."""
    made = seal(register, "1")
    holds = Holds(register, lambda: POLICY, House(Path(), register).clock)
    hold = holds.place([made], case="A 1", ground=CLAIMS, why="sued", by="cli:anna", until=noon + 900 * day)
    later = noon + 400 * day

    assert register.due(later) == []
    register.add_tombstone(Tombstone(made, Reason.REQUESTED, later, later))
    with pytest.raises(Refused) as refused:
        register.destroy_keys(made, later)
    assert refused.value.id == "held"
    assert register.keys(made) != [] and register.call("c1").caller_index == number_index

    register.end_hold(hold.id, later, "")
    assert [key.recording for key in register.destroy_keys(made, later)] == [made]
    with pytest.raises(Refused) as refused:
        holds.place([made], case="A 2", ground=CLAIMS, why="sued", by="x", until=later, listeners=frozenset())
    assert refused.value.id == "erased"


# --- what a hold does


def test_a_hold_beats_every_deletion(house: House) -> None:
    """Neither a period, nor a withdrawal, nor a request erases what is held; its end lets all of it go."""
    due, withdrawn, requested = (house.sealed(str(number)) for number in range(3))
    hold = place(house, due, withdrawn, requested)
    house.erasure().withdraw(withdrawn, ["quality"], Reason.WITHDRAWN, timedelta())
    item = house.erasure().erase(requested, Reason.REQUESTED)
    house.pass_time(200)
    house.erasure().tick()

    assert item == Item(requested, Result.HELD, "legal-claims", noon + 365 * day)
    for recording in (due, withdrawn, requested):
        assert house.register.keys(recording) != []
        assert house.vault.size(recording) is not None
    assert house.register.recording(withdrawn).restricted
    assert house.register.alarms() == []

    holds_in(house).lift(hold, "cli:anna")
    house.erasure().tick()
    for recording in (due, withdrawn, requested):
        house.assert_erased(recording)


def test_a_hold_ends_on_its_day(house: House) -> None:
    """A hold whose day has come ends by itself, with its trace, and not before."""
    made = house.sealed()
    place(house, made, until=noon + 120 * day)
    house.pass_time(119)
    assert holds_in(house).tick() == []
    house.pass_time(1)
    (hold,) = holds_in(house).tick()
    house.erasure().tick()

    house.assert_erased(made)
    assert house.register.hold(hold).ended_by == ""
    assert "hold-over" in [entry.kind for entry in house.register.entries()]


def test_the_last_hold_counts(house: House) -> None:
    """Where two cases hold a recording, it is held until the second ends."""
    made = house.sealed()
    first, second = place(house, made), place(house, made, case="B 2", until=noon + 500 * day)
    house.pass_time(200)

    assert house.erasure().erase(made, Reason.REQUESTED).until == noon + 500 * day
    holds_in(house).lift(first, "cli:anna")
    house.erasure().tick()
    assert house.register.keys(made) != []
    holds_in(house).lift(second, "cli:anna")
    house.erasure().tick()
    house.assert_erased(made)


def test_a_dry_run_tells_what_is_held(house: House) -> None:
    """A dry run of an erasure tells what is held, and marks nothing."""
    made = house.sealed()
    place(house, made)

    assert house.erasure().erase(made, Reason.REQUESTED, dry_run=True).result is Result.HELD
    assert house.register.tombstone(made) is None


def test_withdrawn_audio_is_held_for_claims_and_few(house: House) -> None:
    """What was withdrawn is held on the ground of legal claims alone, and for fewer listeners than before."""
    made = house.running()
    house.erasure().withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta(days=2))
    for changed, id in (
        ({"ground": AUTHORITY, "listeners": frozenset({"manager"})}, "withdrawn-needs-claims"),
        ({}, "too-many-listeners"),
        ({"listeners": frozenset({"quality", "supervisor"})}, "too-many-listeners"),
        ({"listeners": frozenset({"boss"})}, "unknown-role"),
    ):
        with pytest.raises(Refused) as refused:
            place(house, made, **changed)
        assert refused.value.id == id
    assert house.register.holds() == []

    place(house, made, listeners=frozenset({"manager"}))
    house.pass_time(30)
    house.erasure().tick()
    assert house.register.keys(made) != []


def test_a_withdrawal_under_another_ground_is_told(house: House) -> None:
    """Who withdraws what is held on another ground has a person look at it, until the hold ends."""
    made = house.sealed()
    hold = place(house, made, ground=AUTHORITY)
    house.erasure().withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta())

    assert [(a.id, a.about) for a in house.register.alarms()] == [("hold-on-withdrawn", made)]
    holds_in(house).lift(hold, "cli:anna")
    house.erasure().tick()
    house.assert_erased(made)


def test_bad_holds_hold_nothing(house: House) -> None:
    """A hold without a case, a reason, an end or a recording is refused, and nothing is held."""
    made = house.sealed()
    for changed, id in (
        ({"case": ""}, "bad-case"),
        ({"case": "x" * 65}, "bad-case"),
        ({"why": " "}, "no-reason"),
        ({"until": noon}, "hold-ends-before-it-begins"),
    ):
        with pytest.raises(Refused) as refused:
            place(house, made, **changed)
        assert refused.value.id == id
    for recordings, id in (((), "nothing-found"), ((made, "r9"), "unknown-recording")):
        with pytest.raises(Refused) as refused:
            place(house, *recordings)
        assert refused.value.id == id
    assert house.register.holds() == []


def test_law_and_hold(house: House) -> None:
    """What the law keeps is refused before it is held; a hold outlasts the law's date."""
    made = house.sealed("1", term("r1", "orders", Basis.LEGAL_OBLIGATION, days=100))
    place(house, made)
    assert house.erasure().erase(made, Reason.REQUESTED).result is Result.REFUSED
    house.pass_time(101)
    house.erasure().tick()
    assert house.register.recording(made).state is State.SEALED


@pytest.mark.parametrize(
    ("named", "before", "so"),
    [({"a"}, {"a", "b"}, True), ({"a", "b"}, {"a", "b"}, False), ({"c"}, {"a"}, True), (set(), {"a"}, False)],
)
def test_fewer(named: set[str], before: set[str], so: bool) -> None:
    """Fewer listeners are fewer roles; one role is always few, and nobody is not."""
    assert fewer(frozenset(named), frozenset(before)) is so
