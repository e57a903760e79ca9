"""Finding recordings and opening requests by what people know of their call."""

from __future__ import annotations

from asterisk_gdpr.core.receipt import with_check
from tests.cli.house import NUMBER, RECORDING, House

CODE = with_check("123456789")
CALL = f"c{RECORDING[1:]}"


def give_receipt(house: House) -> None:
    """The caller has heard a code."""
    installation = house.open()
    index = installation.index_key().blind("calls.receipt", CODE)
    installation.register().add_receipt(CALL, index)
    installation.close()


def test_a_call_is_found_by_its_reference_and_its_receipt(full_house: House) -> None:
    """Reference and receipt each find their call and open a request for it, and neither is shown."""
    house = full_house
    give_receipt(house)
    assert house("calls", "refer", CALL, "--to", "T-4711") == 0
    assert house.kinds()[-1] == "reference-set"

    for way in (("--reference", "t-4711"), ("--receipt", CODE)):
        assert [each["id"] for each in house.json("recordings", "list", *way)] == [RECORDING]
        assert house("requests", "open", "--right", "access", *way) == 0
        request = house.out.split()[1].rstrip(":")
        assert house.json("requests", "show", request)["recordings"] == [RECORDING]
        assert "4711" not in house.out and CODE not in house.out
    assert house.json("recordings", "list", "--receipt", CODE, "--caller", NUMBER)
    assert house.json("recordings", "list", "--receipt", CODE, "--until", "2026-01-01") == []


def test_a_request_by_time_and_line_is_about_what_is_there_now(full_house: House) -> None:
    """A withheld number's owner names the line and the time of the call instead."""
    house = full_house
    when = ("--line", "sales", "--since", "2026-11-23", "--until", "2026-11-24")
    assert house("requests", "open", "--right", "access", *when) == 0
    request = house.out.split()[1].rstrip(":")
    assert RECORDING in house.json("requests", "show", request)["recordings"]

    entries = house.count_entries()
    assert house("requests", "open", "--right", "access", "--line", "sales", "--until", "2020-01-01") == 1
    assert "[nothing-found]" in house.err and house.err.count("\n") == 1
    assert house("calls", "refer", CALL, "--to", "two words") == 1
    assert "[not-a-reference]" in house.err
    assert house.count_entries() == entries
