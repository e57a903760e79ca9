"""`never`: numbers go on the list and off it, and are shown to nobody."""

from __future__ import annotations

from datetime import timedelta

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


def test_an_entry_that_is_due_is_shown_until_somebody_has_looked(house: House) -> None:
    """`status` and `--due` tell of it from its review date on; `never review` puts that off, not the end."""
    assert house("never", "add", NUMBER, "--review", "2026-12-01") == 0
    house.clock.time += timedelta(days=20)
    assert house("sweep") == 0
    (entry,) = house.json("never", "list", "--due")
    assert (entry["due"], entry["ends_at"]) == (True, "2036-11-24T00:00:00.000000Z")
    assert house.json("status", status=3)["never_due"] == 1
    assert house("status") == 3 and "never list --due" in house.out

    assert house("never", "review", entry["id"], "--next", "2027-12-01") == 0
    assert house.json("never", "list", "--due") == []
    assert house.json("status", status=3)["never_due"] == 0
    (after,) = house.json("never", "list")
    assert after["ends_at"] == entry["ends_at"]
    assert house("never", "review", entry["id"], "--next", "2020-01-01") == 1
    assert "[review-past]" in house.err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("add", "reception"), 1),
        (("add", NUMBER, "--line", "nowhere"), 1),
        (("add", NUMBER, "--review", "2020-01-01"), 1),
        (("remove",), 2),
        (("review", "n0000000000000000"), 1),
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
