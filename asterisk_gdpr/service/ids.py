"""Names for things of ours, which tell nothing but when they were made, and sort by that."""

from __future__ import annotations

import secrets
import time

_alphabet = "0123456789abcdefghijklmnopqrstuv"
"""RFC 4648, section 7 (base32hex), in lower case: its order is that of ASCII."""


def new_id(prefix: str) -> str:
    """`prefix` (`c` call, `r` recording and so on) and 16 characters: 45 bits of time, 35 of chance.

    The time is milliseconds of Unix time (enough until the year 3084); within one of them the order is
    open, and two names are alike once in 34 thousand million pairs.
    """
    return _written(prefix, (time.time_ns() // 1_000_000) << 35 | secrets.randbits(35))


def id_of(prefix: str, made: bytes) -> str:
    """The same form, made of at least ten bytes: the same of the same, and without a time in it."""
    return _written(prefix, int.from_bytes(made[:10]))


def _written(prefix: str, number: int) -> str:
    return prefix + "".join(_alphabet[number >> shift & 31] for shift in range(75, -1, -5))
