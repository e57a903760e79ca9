"""The receipt of a call: a code that its caller can hear and name later.

Ten digits, of which the last is a check digit (Damm's): one digit that is wrong and two neighbours that
change places are noticed. Nine digits are chance, so that a guess hits one of a million receipts once in a
thousand tries, and tries are few (`service.rights.privacy_desk`).
"""

from __future__ import annotations

LENGTH = 10

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def _rest(digits: str) -> int:
    state = 0
    for digit in digits:
        state = int(_DAMM[state][int(digit)])
    return state


def with_check(digits: str) -> str:
    """Nine digits with their check digit."""
    return f"{digits}{_rest(digits)}"


def is_code(text: str) -> bool:
    """Whether this can be the code of a call."""
    return len(text) == LENGTH and text.isascii() and text.isdigit() and _rest(text) == 0
