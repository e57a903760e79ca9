"""Telephone numbers: one form inside (E.164), and those that are never asked anything.

A caller is found again by their number, so two notations of one number must become one.
What cannot be a number of the public network (withheld, a name, an internal extension) becomes None:
such a call is handled like any other and can be found by its receipt and its time alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

_WRITTEN = re.compile(r"(\+|\()?[0-9][0-9 ()./-]*")
_LONGEST = 40
"""Longer than any notation of 15 digits (E.164) with separators; more than that is garbage."""


def normalise(raw: str | None, default_country: str) -> str | None:
    """A number as E.164 (`+4930123456`), or None when it cannot be one.

    `default_country` is the two-letter region whose notation `raw` is in when it bears no `+`;
    such a number must be valid there, since a short internal one would otherwise pass for a subscriber.
    """
    if raw is None:
        return None
    written = raw.strip()
    if len(written) > _LONGEST or not written.isascii() or not _WRITTEN.fullmatch(written):
        return None
    international = written.startswith("+")
    if not international and _lacks_only_the_plus(written, default_country):
        written = "+" + written
    try:
        number = phonenumbers.parse(written, default_country or None)
    except phonenumbers.NumberParseException:
        return None
    if international:
        possible = phonenumbers.is_possible_number_with_reason(number)
        if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
            return None
    elif not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _lacks_only_the_plus(written: str, country: str) -> bool:
    """Whether this is `4930123456` as many trunks send it: where national numbers begin with a prefix,
    one that begins with the country's code instead is an international one."""
    prefix = phonenumbers.ndd_prefix_for_region(country, True)
    if not prefix or written.startswith(prefix):
        return False
    code = phonenumbers.country_code_for_region(country)
    if not written.startswith(str(code)):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse("+" + written))
    except phonenumbers.NumberParseException:
        return False  # the code alone, say


def is_exempt_number(raw: str | None, exempt: Iterable[str], default_country: str) -> bool:
    """Whether a number is on the list: by its E.164 form, or digit by digit (emergency numbers have none)."""
    if raw is None:
        return False
    number = normalise(raw, default_country)
    return any(
        _digits(raw) == _digits(listed)
        or (number is not None and number == normalise(listed, default_country))
        for listed in exempt
    )


def _digits(raw: str) -> str:
    return re.sub(r"[ ()./-]", "", raw.strip())
