"""`never`: numbers go on the list and off it, and are shown to nobody."""

from __future__ import annotations

import pytest

from tests.cli.house import House

NUMBER = "+4915112345678"


def test_a_number_goes_on_the_never_list_and_off_it(house: House) -> None:
    """Whoever looks at the list learns the line, the origin and the dates, and no number."""
    assert house("never", "add", NUMBER, "--line", "sales") == 0
    shown = house.out
    (entry,) = house.json("never", "list")
    assert house("never", "list") == 0
    assert NUMBER[-6:] not in shown + house.out + str(entry)
    assert entry["line"] == "sales" and entry["by"] == "person"
    assert house.json("never", "list", "--due") == []
    assert house("never", "remove", entry["id"]) == 0
    assert house("never", "list") == 0

    assert house.out.strip() == "The never list is empty."


def test_a_number_is_taken_off_the_never_list_by_itself_too(house: House) -> None:
    """However it is written, on one line or on all."""
    assert house("never", "add", NUMBER) == 0
    assert house("never", "add", NUMBER, "--line", "sales") == 0
    assert house("never", "remove", "--caller", "+49 (151) 1234-5678") == 0
    assert house.out.startswith("2 entries are")
    assert house("never", "remove", "--caller", NUMBER) == 1
    assert "[unknown-never]" in house.err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("add", "reception"), 1),
        (("add", NUMBER, "--line", "nowhere"), 1),
        (("add", NUMBER, "--review", "2020-01-01"), 1),
        (("remove",), 2),
        (("remove", "n0000000000000000"), 1),
    ],
)
def test_what_cannot_be_on_the_never_list_changes_nothing(
    house: House, words: tuple[str, ...], status: int
) -> None:
    """What is no number, a line that is none, a past review, and nothing at all are refused."""
    assert house("never", *words) == status

    assert NUMBER not in house.out + house.err
    assert house.json("never", "list") == []
