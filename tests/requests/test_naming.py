"""By what a person's recordings are found: number, receipt, reference, agent, line and time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from asterisk_gdpr.core.receipt import with_check
from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Agent, Register
from asterisk_gdpr.service.listening.library import Library
from asterisk_gdpr.service.people.agents import Agents
from asterisk_gdpr.service.rights.naming import MOST, Naming, Said
from asterisk_gdpr.service.rights.receipts import Receipts
from asterisk_gdpr.service.rights.references import References
from tests.erasure.stage import HandClock
from tests.register.samples import day, noon, number_index, seal

NUMBER = "+49 30 901820"
CODE, OTHER = with_check("123456789"), with_check("987654321")


@pytest.fixture
def desk(register: Register) -> Naming:
    """Three recordings of one number on two lines, one of another, one with an agent, a receipt, a ticket."""
    seal(register, "1", at=noon)
    seal(register, "2", at=noon + day, line="support")
    seal(register, "3", at=noon + 2 * day)
    seal(register, "4", at=noon, caller_index=b"somebody else's!")
    register.add_receipt("c1", CODE.encode())
    references_of(register).set("c2", "T-4711", "anna")
    references_of(register).set("c3", "t-4711")
    register.put_agent(Agent("a1", "PJSIP/anna", "consented", "v1", noon))
    register.note_participants("r3", ["PJSIP/anna"], noon)
    return naming_of(register)


def references_of(register: Register) -> References:
    """References, hashed by a key that hides nothing."""
    return References(register, str.encode, HandClock())


def naming_of(register: Register, agreement: str = "BV-1") -> Naming:
    """The desk at which a person says what they know."""
    library = Library(register, lambda number: number_index if number == NUMBER else None)
    return Naming(
        register,
        library,
        Receipts(register, str.encode),
        references_of(register),
        Agents(register, HandClock()),
        lambda: agreement,
    )


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"number": NUMBER}, ["r3", "r2", "r1"]),
        ({"receipt": CODE}, ["r1"]),
        ({"receipt": f" {CODE[:3]} {CODE[3:]} "}, ["r1"]),
        ({"reference": "T-4711"}, ["r3", "r2"]),
        ({"reference": " t-4711 "}, ["r3", "r2"]),
        ({"agent": "a1"}, ["r3"]),
        ({"agent": "PJSIP/anna"}, ["r3"]),
        ({"since": noon + day}, ["r3", "r2"]),
        ({"until": noon + day}, ["r4", "r1"]),
        ({"number": NUMBER, "until": noon + day}, ["r1"]),
        ({"line": "support", "reference": "T-4711"}, ["r2"]),
        ({"number": NUMBER, "agent": "a1", "reference": "T-4711"}, ["r3"]),
    ],
)
def test_recordings_are_found_by_whatever_is_known(
    desk: Naming, said: dict[str, Any], found: list[str]
) -> None:
    """Number, receipt, reference, agent, line and time each find their recordings, and narrow each other."""
    assert desk.recordings(Said(**said)) == found


@pytest.mark.parametrize(
    ("said", "id"),
    [
        ({}, "nobody-named"),
        ({"number": "nobody"}, "not-a-number"),
        ({"receipt": "1234"}, "not-a-receipt"),
        ({"receipt": OTHER}, "nothing-found"),
        ({"receipt": CODE, "reference": "T-4711"}, "nothing-found"),
        ({"reference": "T-9"}, "nothing-found"),
        ({"reference": "x" * 65}, "not-a-reference"),
        ({"reference": "a\nb"}, "not-a-reference"),
        ({"agent": "nobody"}, "no-such-agent"),
        ({"until": noon - 99 * day}, "nothing-found"),
    ],
)
def test_what_finds_nothing_is_said_so(desk: Naming, said: dict[str, Any], id: str) -> None:
    """Each way of naming nothing is refused by a name of its own, which repeats nothing that was typed."""
    with pytest.raises(Refused) as refused:
        desk.recordings(Said(**said))

    assert refused.value.id == id
    assert all(str(value) not in str(refused.value) for value in said.values() if id.startswith("not-a"))


def test_without_the_agreement_nobody_is_asked_for_by_agent(desk: Naming, register: Register) -> None:
    """Whatever else is said, an agent is no way to a recording without the staff agreement."""
    with pytest.raises(Refused) as refused:
        naming_of(register, "").recordings(Said(number=NUMBER, agent="a1"))

    assert refused.value.id == "no-agreement"


def test_what_was_erased_is_named_no_more(desk: Naming, register: Register) -> None:
    """After an erasure neither receipt nor reference leads anywhere."""
    for made in ("r1", "r2"):
        register.add_tombstone(Tombstone(made, Reason.REQUESTED, noon, noon))
        register.destroy_keys(made, noon)
        register.finish_erasure(made, noon, b"certificate")

    assert desk.recordings(Said(reference="T-4711")) == ["r3"]
    with pytest.raises(Refused):
        desk.recordings(Said(receipt=CODE))


@pytest.mark.thorough
def test_more_than_one_answer_can_hold_is_to_be_narrowed(register: Register) -> None:
    """Nobody opens a request about everything by giving a time alone."""
    for number in range(MOST + 1):
        seal(register, f"{number:03}", at=noon + timedelta(seconds=number))

    with pytest.raises(Refused) as refused:
        naming_of(register).recordings(Said(since=noon))
    assert refused.value.id == "too-many-found"
    assert len(naming_of(register).recordings(Said(since=noon + timedelta(seconds=1)))) == MOST
