"""Recordings that are made of others, as the register keeps them; the fake keeps the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asterisk_gdpr.core.recording import Derivation, DerivedAs, Reason, Recording, State, Tombstone
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Register
from tests.register.samples import day, key, noon, number_sealed, progress, seal, second, term


def made(register: Register, kind: DerivedAs = DerivedAs.REDACTED) -> Recording:
    """A recording `r9` of the sealed `r1`."""
    register.begin_derivation(Derivation("r9", "r1", kind, noon))
    row = replace(register.recording("r1"), id="r9")
    ends = replace(term("r9"), expires_at=noon + day)
    register.finish_derivation(row, key("r9"), [ends], progress("r9", 40_000), b"the account", noon + second)
    return row


def test_a_derived_recording_is_sealed_at_once(register: Register) -> None:
    """It comes with its key, its purposes and their dates, its progress and the signed account."""
    seal(register)
    row = made(register)

    assert register.recording("r9") == row
    assert row.state is State.SEALED
    assert register.progress("r9") == progress("r9", 40_000)
    assert [each.generation for each in register.keys("r9")] == [1]
    assert register.due(noon + day) == [row]
    assert register.call("c1").recording == "r9"
    expected = Derivation("r9", "r1", DerivedAs.REDACTED, noon, noon + second, b"the account")
    assert register.derivations("r9") == register.derivations("r1") == [expected]
    assert [each.id for each in register.recordings_of_call("c1")] == ["r1", "r9"]


def test_of_a_part_the_call_goes_on_to_name_its_recording(register: Register) -> None:
    """Until that is erased; then it names the part."""
    seal(register)
    made(register, DerivedAs.PART)
    assert register.call("c1").recording == "r1"
    register.add_tombstone(Tombstone("r1", Reason.REQUESTED, noon, noon))
    register.destroy_keys("r1", noon)
    register.finish_erasure("r1", noon, b"certificate")

    assert register.call("c1").recording == "r9"
    assert [each.id for each in register.recordings_of_call("c1")] == ["r9"]


def test_the_number_goes_with_the_last_recording_of_the_call(register: Register) -> None:
    """While one that was made of it lives, the caller's number stays; with that it goes."""
    seal(register)
    made(register)
    for recording, expected in (("r1", number_sealed), ("r9", None)):
        register.add_tombstone(Tombstone(recording, Reason.REDACTED, noon, noon))
        register.destroy_keys(recording, noon)
        assert register.call("c1").caller_sealed == expected
        register.finish_erasure(recording, noon, b"certificate")
    assert [each.record for each in register.derivations("r9")] == [None]


def test_without_its_intent_nothing_is_made(register: Register) -> None:
    """What was given up cannot be ended, and what has ended cannot be given up."""
    seal(register)
    register.begin_derivation(Derivation("r9", "r1", DerivedAs.REDACTED, noon))
    assert [each.recording for each in register.derivations_begun(noon + second)] == ["r9"]
    assert register.derivations_begun(noon) == []
    register.drop_derivation("r9")
    row = replace(register.recording("r1"), id="r9")
    with pytest.raises(Refused) as refused:
        register.finish_derivation(row, key("r9"), [term("r9")], progress("r9"), b"x", noon)
    assert refused.value.id == "derivation-dropped"
    made(register)
    register.drop_derivation("r9")
    assert len(register.derivations("r9")) == 1


def test_nothing_is_made_of_what_is_to_go(register: Register) -> None:
    """A tombstone that came in between keeps the new one from being registered."""
    seal(register)
    register.begin_derivation(Derivation("r9", "r1", DerivedAs.REDACTED, noon))
    register.add_tombstone(Tombstone("r1", Reason.WITHDRAWN, noon, noon))
    row = replace(register.recording("r1"), id="r9")
    with pytest.raises(Refused) as refused:
        register.finish_derivation(row, key("r9"), [term("r9")], progress("r9"), b"x", noon)

    assert refused.value.id == "erased"
    assert register.derivations("r1") == []
