"""The never list in a register, the fake one and the real one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asterisk_gdpr.core.never import EVERY_LINE, NeverEntry, NeverList, is_withheld
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Register
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
