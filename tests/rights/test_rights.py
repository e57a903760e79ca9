"""Restriction, correction, objection and withdrawal of single recordings, and who must be told of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.core.recording import Reason, State, Tombstone
from asterisk_gdpr.core.rights import Handover, Remark, RemarkKind, Restriction, RestrictionGround
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Register
from asterisk_gdpr.service.erasing.erasure import Item, Result
from asterisk_gdpr.service.rights.rights import LONGEST, Rights
from tests.erasure.stage import House
from tests.holds.test_holds import place
from tests.register.samples import day, noon, seal, term

INTERESTS, LAW = Basis.LEGITIMATE_INTERESTS, Basis.LEGAL_OBLIGATION


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house without recordings."""
    return House(tmp_path)


def rights_in(house: House) -> Rights:
    """The service of a house."""
    return Rights(house.register, house.erasure(), house.clock)


def copied(house: House, recording: str, recipient: str = "Lawyers Ltd") -> str:
    """A copy that somebody was given; returns its id."""
    copy = Handover(f"o{recording}", recording, house.clock.time, "cli:anna", recipient, "dispute")
    house.register.add_handover(copy)
    return copy.id


def refusal(act: object) -> str:
    """The id of what a call refuses."""
    with pytest.raises(Refused) as refused:
        act()  # type: ignore[operator]
    return refused.value.id


# --- what a register does


def test_restrictions_stand_and_are_lifted(register: Register) -> None:
    """A recording is open again when the last restriction is lifted, and never once it bears a tombstone."""
    made = seal(register, "1")
    first = Restriction("s1", made, RestrictionGround.ACCURACY, noon)
    second = Restriction("s2", made, RestrictionGround.CLAIMS, noon + day, "q1")
    register.add_restriction(first)
    register.add_restriction(second)

    assert register.restrictions(made) == register.restrictions() == [first, second]
    assert register.due(noon + 400 * day) == []
    register.note_told("s1", noon + day)
    register.lift_restriction("s1", noon + 2 * day)
    assert register.restriction("s1").told_at == noon + day
    assert register.restriction("s1").lifted_at == noon + 2 * day
    assert register.recording(made).restricted
    assert refusal(lambda: register.lift_restriction("s1", noon)) == "lifted-already"
    register.lift_restriction("s2", noon + 2 * day)
    assert not register.recording(made).restricted
    assert [recording.id for recording in register.due(noon + 400 * day)] == [made]

    register.add_restriction(Restriction("s3", made, RestrictionGround.OBJECTION, noon))
    register.add_tombstone(Tombstone(made, Reason.OBJECTED, noon, noon))
    register.lift_restriction("s3", noon)
    assert register.recording(made).restricted
    assert refusal(lambda: register.lift_restriction("s9", noon)) == "unknown-restriction"
    assert refusal(lambda: register.add_restriction(Restriction("s4", "r9", first.ground, noon)))


def test_remarks_come_back_until_the_keys_go(register: Register) -> None:
    """What was written beside a recording comes back in its order, and goes with the recording's keys."""
    made = seal(register, "1")
    remarks = [
        Remark(f"m{n}", made, kind, f"text {n}", "anna", noon + n * day)
        for n, kind in enumerate((RemarkKind.COMMENT, RemarkKind.CORRECTION))
    ]
    for remark in remarks:
        register.add_remark(remark)
    assert register.remarks(made) == remarks

    register.add_tombstone(Tombstone(made, Reason.REQUESTED, noon, noon))
    register.destroy_keys(made, noon)
    assert register.remarks(made) == []
    told = [entry.payload or {} for entry in register.entries() if entry.kind == "remark-added"]
    assert [(each["kind"], each["remark"]) for each in told] == [("comment", "m0"), ("correction", "m1")]


def test_copies_are_remembered(register: Register) -> None:
    """Who was given a copy is remembered beyond the recording's erasure, and must be told of that."""
    made = seal(register, "1")
    ours = Handover("o1", made, noon, "anna", "", "training")
    theirs = Handover("o2", made, noon + day, "anna", "Lawyers Ltd", "dispute")
    register.add_handover(theirs)
    register.add_handover(ours)
    assert register.handovers(made) == register.handovers() == [ours, theirs]
    assert register.handovers(untold=True) == []

    assert register.tell_recipients(made, "corrected", noon + 2 * day) == 1
    (untold,) = register.handovers(untold=True)
    assert (untold.id, untold.tell_about, untold.tell_since) == ("o2", "corrected", noon + 2 * day)
    register.note_recipient_told("o2", noon + 3 * day)
    assert register.handovers(untold=True) == []

    register.add_tombstone(Tombstone(made, Reason.REQUESTED, noon, noon))
    register.destroy_keys(made, noon)
    register.finish_erasure(made, noon + 4 * day, b"certificate")
    (untold,) = register.handovers(untold=True)
    assert (untold.id, untold.tell_about) == ("o2", "erased")
    assert register.count_deadlines()["recipients"] == 2
    assert refusal(lambda: register.note_recipient_told("o9", noon)) == "unknown-handover"


# --- restriction


def test_a_restriction_keeps_until_it_is_lifted_with_notice(house: House) -> None:
    """What a person has restricted no period ends; it is lifted only after they were told, and then goes."""
    made = house.sealed()
    copied(house, made)
    restriction = rights_in(house).restrict(made, RestrictionGround.CLAIMS)
    assert [each.tell_about for each in house.register.handovers(untold=True)] == ["restricted"]
    house.pass_time(400)
    house.erasure().tick()
    assert house.register.recording(made).state is State.SEALED

    rights = rights_in(house)
    assert refusal(lambda: rights.lift(restriction.id, None)) == "not-told"
    assert refusal(lambda: rights.lift(restriction.id, house.clock.time + day)) == "not-told"
    assert refusal(lambda: rights.lift(restriction.id, noon - day)) == "not-told"
    rights.lift(restriction.id, house.clock.time - day)
    house.erasure().tick()
    house.assert_erased(made)


def test_a_restriction_keeps_nobody_from_having_it_erased(house: House) -> None:
    """Who had a recording restricted may have it erased all the same; what is gone is restricted no more."""
    made = house.sealed()
    rights_in(house).restrict(made, RestrictionGround.ACCURACY)

    assert house.erasure().erase(made, Reason.REQUESTED).result is Result.ERASED
    assert refusal(lambda: rights_in(house).restrict(made, RestrictionGround.ACCURACY)) == "erased"


# --- correction


def test_a_correction_stands_beside_the_audio(house: House) -> None:
    """A correction changes no audio, reaches those who have a copy, and goes with the recording."""
    made = house.sealed()
    copied(house, made)
    rights = rights_in(house)
    rights.correct(made, " My name is not Miller. ", "cli:anna")

    assert [remark.text for remark in house.register.remarks(made)] == ["My name is not Miller."]
    assert house.vault.read(made, 0, 100) == b"sealed audio"
    assert [each.tell_about for each in house.register.handovers(untold=True)] == ["corrected"]
    assert refusal(lambda: rights.correct(made, "  ", "cli:anna")) == "no-text"
    assert refusal(lambda: rights.correct(made, "x" * (LONGEST + 1), "cli:anna")) == "too-long"
    house.erasure().erase(made, Reason.REQUESTED)
    assert house.register.remarks(made) == []
    assert refusal(lambda: rights.correct(made, "late", "cli:anna")) == "erased"


# --- objection and withdrawal


def test_one_objects_to_interests_and_withdraws_consent(house: House) -> None:
    """An objection ends what rests on interests, a withdrawal what rests on consent, and nothing else."""
    made = house.sealed(
        "1", term("r1", "quality"), term("r1", "improvement", INTERESTS), term("r1", "orders", LAW)
    )
    rights = rights_in(house)

    assert rights.object(made, None, dry_run=True) == Item(made, Result.KEPT, "other-purposes")
    assert rights.object(made, ["quality"]) == Item(made, Result.REFUSED, "not-objectable")
    assert rights.object(made, None) == Item(made, Result.KEPT, "other-purposes")
    assert rights.object(made, None) == Item(made, Result.REFUSED, "not-objectable")
    assert rights.withdraw(made, ["quality"]) == Item(made, Result.KEPT, "other-purposes")
    ended = {t.purpose: t.ended_by for t in house.register.terms(made)}
    assert ended == {"improvement": "objected", "quality": "withdrawn", "orders": ""}


def test_the_last_purpose_takes_the_recording_with_it(house: House) -> None:
    """Where an objection ends the last purpose the recording is erased; a hold keeps it until it ends."""
    free = house.sealed("1", term("r1", "improvement", INTERESTS))
    held = house.sealed("2", term("r2", "improvement", INTERESTS))
    place(house, held)
    rights = rights_in(house)

    assert rights.object(free, None, dry_run=True).result is Result.ERASED
    assert rights.object(free, None) == Item(free, Result.ERASED)
    house.assert_erased(free)
    item = rights.object(held, None)
    assert (item.result, item.until) == (Result.HELD, noon + 365 * day)
    assert house.register.recording(held).restricted
    assert rights.object(free, None).result is Result.MISSING
    house.clock.time += timedelta(days=1)
