"""The never list in a register, the fake one and the real one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asterisk_gdpr.core.never import EVERY_LINE, NeverEntry, NeverList, Standing, is_withheld
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Register
from asterisk_gdpr.service.keys.keeper import SealedNumber
from asterisk_gdpr.service.rights.never import Never
from tests.erasure.stage import HandClock
from tests.register.samples import day, noon, number_index, number_sealed

ENTRY = NeverEntry(
    "n0000000000000001", "sales", number_index, number_sealed, "e1", "caller", noon, noon + 365 * day
)


def test_a_number_is_on_the_never_list_until_it_is_taken_off(register: Register) -> None:
    """It is told to the ledger by our id alone, stands once for a line, and is gone when it is removed."""
    register.add_never(ENTRY)
    assert register.add_never(replace(ENTRY, id="n0000000000000002")).id == ENTRY.id
    every = replace(ENTRY, id="n0000000000000003", line=EVERY_LINE)
    register.add_never(every)
    assert register.nevers() == [ENTRY, every]
    register.remove_never(ENTRY.id, noon + day)

    assert register.nevers() == [every]
    told = [(entry.kind, entry.payload) for entry in register.entries() if entry.kind.startswith("never")]
    assert told[0] == ("never-added", {"never": ENTRY.id, "line": "sales", "by": "caller"})
    assert told[-1] == ("never-removed", {"never": ENTRY.id})
    with pytest.raises(Refused) as refused:
        register.remove_never(ENTRY.id, noon + day)
    assert refused.value.id == "unknown-never"


def test_an_entry_is_due_by_its_review_and_before_it_ends(register: Register) -> None:
    """Shown as due from its review date until somebody has looked, and again for the month before it ends."""
    clock = HandClock()
    never = Never(register, lambda id, number: SealedNumber(number_sealed, number_index, "e1"), clock)
    clock.time = noon
    entry = never.add("+4930123456", noon + 365 * day)
    end = noon + 800 * day
    register.set_deadlines([replace(each, ends_at=end) for each in register.undated(10)])
    assert never.entries() == [Standing(entry, end)]
    due = []
    for days in (364, 365, 366, 769, 770, 799):
        clock.time = noon + days * day
        due.append(bool(never.due()))
        if days == 365:
            never.review(entry.id, noon + 790 * day)

    assert due == [False, True, False, False, True, True]
    assert [each.ends_at for each in never.entries()] == [end]
    (told,) = [each for each in register.entries() if each.kind == "never-reviewed"]
    assert told.payload == {"never": entry.id, "review_at": "2029-01-21T12:00:00.250000Z"}
    for id, at in (("n9", noon + 900 * day), (entry.id, noon)):
        with pytest.raises(Refused):
            never.review(id, at)


def test_who_asks_again_begins_anew(register: Register) -> None:
    """A number that is put on the list again is looked at again, and ends, as if it were new."""
    register.add_never(ENTRY)
    register.set_deadlines([replace(each, ends_at=noon + 30 * day) for each in register.undated(10)])
    again = replace(ENTRY, added_at=noon + day, review_at=noon + 700 * day)

    assert register.add_never(again).review_at == noon + 700 * day
    assert [each.review_at for each in register.nevers()] == [noon + 700 * day]
    assert [(each.begun_at, each.ends_at) for each in register.undated(10)] == [(noon + day, None)]


def test_a_number_counts_on_its_line_or_on_every_line() -> None:
    """The list is asked by number and line, and what is no number is on no list."""
    numbers = {"+4930123456": b"one", "+4930999999": b"two"}
    listed = NeverList(
        [replace(ENTRY, index=b"one"), replace(ENTRY, index=b"two", line=EVERY_LINE)], numbers.get
    )

    assert listed.has("+4930123456", "sales") and not listed.has("+4930123456", "support")
    assert listed.has("+4930999999", "sales") and listed.has("+4930999999", "support")
    assert not listed.has("", "sales") and not listed.has("anonymous", "sales")


@pytest.mark.parametrize(
    ("number", "withheld"), [("", True), ("anonymous", True), ("Unavailable", True), ("+49301", False)]
)
def test_a_name_in_the_place_of_a_number_is_a_withheld_one(number: str, withheld: bool) -> None:
    """Networks write several words where they show no number."""
    assert is_withheld(number) is withheld
