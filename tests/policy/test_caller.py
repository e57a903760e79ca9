"""Numbers in their many notations."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.core.caller import is_exempt_number, normalise


@pytest.mark.parametrize(
    "written",
    [
        "+4915112345678",
        "015112345678",
        "004915112345678",
        "4915112345678",
        "0151 12345678",
        "(0151) 123-45678",
    ],
)
def test_all_notations_of_a_number_are_one(written: str) -> None:
    """However a trunk writes a number, it is found again as the same."""
    assert normalise(written, "DE") == "+4915112345678"


def test_the_country_decides_how_a_national_number_is_read() -> None:
    """A number without a plus belongs to the installation's country."""
    assert normalise("020 7946 0018", "GB") == "+442079460018"
    assert normalise("415 555 2671", "US") == "+14155552671"
    assert normalise("1 415 555 2671", "US") == "+14155552671"
    assert normalise("02 1234 5678", "IT") == "+390212345678"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        " ",
        "anonymous",
        "Unavailable",
        "1001",
        "112",
        "*43",
        "+1",
        "+0",
        "0800FLOWERS",
        "٠١٥١١٢٣",
        "1" * 50,
    ],
)
def test_what_is_no_public_number_is_none(raw: str | None) -> None:
    """Withheld, internal, lettered or impossible numbers are none."""
    assert normalise(raw, "DE") is None


@settings(max_examples=25, deadline=None)
@given(
    raw=st.text(max_size=45) | st.from_regex(r"\A[+(0-9 )./-]{1,42}\Z"),
    country=st.sampled_from(["DE", "US", "IT", "XX", ""]),
)
def test_a_number_is_stable_or_none(raw: str, country: str) -> None:
    """Whatever Asterisk gives, the answer is None or an E.164 number that stays what it is."""
    number = normalise(raw, country)

    assert number is None or (
        re.fullmatch(r"\+[1-9][0-9]{1,16}", number) and normalise(number, country) == number
    )


def test_exempt_numbers_are_found_in_every_notation() -> None:
    """A listed number is exempt however it is written, an emergency number digit by digit."""
    exempt = ["112", "116 117", "+49 30 1234567"]

    assert is_exempt_number("112", exempt, "DE")
    assert is_exempt_number("116117", exempt, "DE")
    assert is_exempt_number("0301234567", exempt, "DE")
    assert not is_exempt_number("+49112", exempt, "DE")
    assert not is_exempt_number("1120", exempt, "DE")
    assert not is_exempt_number(None, exempt, "DE")
    assert not is_exempt_number("anonymous", exempt, "DE")


def test_a_countrys_code_alone_is_no_number() -> None:
    """What a trunk sends in its place is taken for what it is."""
    assert normalise("49", "DE") is None
