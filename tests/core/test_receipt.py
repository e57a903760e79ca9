"""The code of a call: what a slip of the finger makes of it is no code."""

from __future__ import annotations

from itertools import pairwise

import pytest

from asterisk_gdpr.core.receipt import LENGTH, is_code, with_check

CODES = [with_check(digits) for digits in ("000000000", "123456789", "987654321", "314159265", "111111111")]


@pytest.mark.parametrize("code", CODES)
def test_a_wrong_digit_and_two_that_change_places_are_noticed(code: str) -> None:
    """Every single error of one digit, and every swap of two neighbours, makes something that is no code."""
    assert is_code(code) and len(code) == LENGTH
    for at, digit in enumerate(code):
        for other in set("0123456789") - {digit}:
            assert not is_code(code[:at] + other + code[at + 1 :])
    for at, (one, next_one) in enumerate(pairwise(code)):
        if one != next_one:
            assert not is_code(code[:at] + next_one + one + code[at + 2 :])


@pytest.mark.parametrize("text", ["", "1", CODES[1][:-1], CODES[1] + "0", "abcdefghij", "٠١٢٣٤٥٦٧٨٩"])
def test_what_is_not_ten_digits_is_no_code(text: str) -> None:
    """Nothing else is looked up."""
    assert not is_code(text)
