"""What the dialplan must know of the policy by itself: lines and numbers that reach no app at all.

An emergency call must not depend on this software, so these stand in Asterisk's own files,
written anew whenever the policy changes.
"""

from __future__ import annotations

import re

import phonenumbers

from asterisk_gdpr.core.caller import normalise
from asterisk_gdpr.core.policy import Mode, Policy

LINES = "asterisk-gdpr-exempt-lines"
NUMBERS = "asterisk-gdpr-exempt-numbers"

_DIALLED = re.compile(r"[^0-9*#+]")
"""What the dialplan's own FILTER() removes before it looks a number up."""


def passing_lines(policy: Policy) -> tuple[str, ...]:
    """The lines whose calls pass at once: exempt ones, and those that are disabled."""
    return tuple(
        sorted(line.name for line in policy.lines.values() if line.exempt or line.mode is Mode.DISABLED)
    )


def notations(number: str, default_country: str) -> tuple[str, ...]:
    """The ways in which a number may arrive in Asterisk, sorted.

    As it is written; and a subscriber's number also with its country's code (`+49…`, `49…`, `0049…`),
    and without it where that is the default country's (`030…`).
    """
    found = {_DIALLED.sub("", number)}
    e164 = normalise(number, default_country)
    if e164 is not None:
        digits = e164.removeprefix("+")
        found |= {e164, digits, _prefix_abroad(default_country) + digits}
        parsed = phonenumbers.parse(e164)
        if parsed.country_code == phonenumbers.country_code_for_region(default_country):
            national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
            found.add(_DIALLED.sub("", national))
    return tuple(sorted(found - {""}))


def exempt_dialplan(policy: Policy, default_country: str) -> str:
    """The file `asterisk_gdpr_exempt.conf`, which `asterisk_gdpr.conf` includes."""
    numbers = sorted({dialled for n in policy.exempt_numbers for dialled in notations(n, default_country)})
    return "\n".join(
        [
            "; Lines and numbers that reach no app: written from the policy by `asterisk-gdpr dialplan`.",
            f"; Policy {policy.version}",
            f"[{LINES}]",
            *(f"exten => line-{name},1,NoOp()" for name in passing_lines(policy)),
            f"[{NUMBERS}]",
            *(f"exten => n-{number},1,NoOp()" for number in numbers),
            "",
        ]
    )


def _prefix_abroad(country: str) -> str:
    """What is dialled there before a foreign country's code: `00`, `011`."""
    known = phonenumbers.PhoneMetadata.metadata_for_region(country)
    prefix = (known.preferred_international_prefix or known.international_prefix) if known else None
    return prefix if prefix and prefix.isdigit() else ""
