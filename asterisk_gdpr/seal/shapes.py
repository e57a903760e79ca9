"""What a JSON object must look like, said as data, so that each layout stands in one place.

A check takes a value and returns what is wrong with it ("segments[3].frames is not an integer"), or an
empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Check = Callable[[object], str]

_MAX_INTEGER = 2**53 - 1


def text(pattern: str) -> Check:
    """A text that the pattern fits from end to end."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: object) -> str:
        fits = isinstance(value, str) and compiled.fullmatch(value)
        return "" if fits else " is not a text of the right form"

    return check


def integer(low: int = 0, high: int = _MAX_INTEGER) -> Check:
    """An integer from `low` to `high`, both included."""

    def check(value: object) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if fits else f" is not an integer from {low} to {high}"

    return check


def constant(expected: object) -> Check:
    """Exactly this value, of exactly this type."""

    def check(value: object) -> str:
        return "" if type(value) is type(expected) and value == expected else f" is not {expected!r}"

    return check


def boolean(value: object) -> str:
    """Whether it is true or false."""
    return "" if isinstance(value, bool) else " is neither true nor false"


def nullable(check: Check) -> Check:
    """Null, or what the check accepts."""
    return lambda value: "" if value is None else check(value)


def list_of(check: Check) -> Check:
    """A list, each item of which the check accepts."""

    def check_list(value: object) -> str:
        if not isinstance(value, list):
            return " is not a list"
        return next((f"[{i}]{fault}" for i, item in enumerate(value) if (fault := check(item))), "")

    return check_list


def pair(first: Check, second: Check) -> Check:
    """A list of two values."""

    def check(value: object) -> str:
        if not isinstance(value, list) or len(value) != 2:
            return " is not a list of two"
        return first(value[0]) or second(value[1])

    return check


def record(fields: Mapping[str, Check], *, optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields; what else stands in it is not looked at (see `exactly`)."""
    maybe = optional or {}

    def check(value: object) -> str:
        if not isinstance(value, dict):
            return " is not an object"
        for name in fields:
            if name not in value:
                return f".{name} is missing"
        for name, field in {**fields, **maybe}.items():
            if name in value and (fault := field(value[name])):
                return f".{name}{fault}"
        return ""

    return check


def exactly(fields: Mapping[str, Check]) -> Check:
    """An object with these fields and no others."""
    known = record(fields)

    def check(value: object) -> str:
        fault = known(value)
        if fault or not isinstance(value, dict):
            return fault
        return next((f".{name} is unknown" for name in value if name not in fields), "")

    return check


IDENTIFIER = text(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""An id of ours: it is part of file names, so it has no character with a meaning there."""

WORD = text(r"[a-z][a-z0-9_]{0,63}")
"""A code from a closed list: an outcome, a reason, a role."""

TIME = text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
"""ISO 8601 in UTC."""

KEY_ID = text(r"[0-9a-f]{16}")
DIGEST = text(r"[0-9a-f]{64}")
"""SHA-256 in lower-case hexadecimal."""
