"""The one way in which JSON is written here, so that what is signed or hashed has one encoding only.

Rules (`docs/format.md`, *Canonical JSON*): ASCII bytes; no white space; keys sorted, and made of ASCII
letters, digits, `_`, `-` and `.` only; integers of at most 53 bits, no fractions; of the characters in
a text, `"` and `\\` are escaped by a backslash, BS, TAB, LF, FF, CR as `\\b \\t \\n \\f \\r`, all others
outside U+0020..U+007E as lower-case `\\uXXXX` (above U+FFFF as a surrogate pair).
A reader accepts exactly what a writer would write: it encodes what it has read, and compares.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from asterisk_gdpr.errors import Damaged, Misuse

MAX_DEPTH = 16
MAX_INTEGER = 2**53 - 1
"""What every JSON reader can hold exactly (RFC 8259, section 6)."""

_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class NotCanonical(Damaged):
    """The bytes are not JSON, or not in its one encoding."""

    default_id = "not-canonical"


def canonical(value: object) -> bytes:
    """Encode `value` (None, bool, int, str, list, and dict with text keys) in its one form.

    Raises Misuse for what has no canonical form: fractions, big integers, lone surrogates, deep nesting.
    """
    fault = _fault(value, MAX_DEPTH)
    if fault:
        raise Misuse(f"This has no canonical form: {fault}.")
    return _encode(value)


def parse_canonical(data: bytes) -> dict[str, object]:
    """Decode one canonical JSON object; raises NotCanonical for anything that `canonical` would not write."""
    try:
        value = _DECODER.decode(data.decode("ascii"))
    except (ValueError, RecursionError):
        raise NotCanonical("It is not JSON in the encoding that the format asks for.") from None
    if not isinstance(value, dict):
        raise NotCanonical("It is not a JSON object.")
    if _fault(value, MAX_DEPTH) or _encode(value) != data:
        raise NotCanonical("It is JSON, and not in its one canonical encoding.")
    return value


def _encode(value: object) -> bytes:
    return _ENCODER.encode(value).encode("ascii")


def _no_fraction(_: str) -> NoReturn:
    raise ValueError


_ENCODER = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_float=_no_fraction, parse_constant=_no_fraction)


def _fault(value: object, depth: int) -> str:
    """Say what keeps `value` from a canonical form; an empty text if nothing does."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "" if abs(value) <= MAX_INTEGER else "an integer of more than 53 bits"
    if isinstance(value, str):
        return "" if value.isascii() or _is_unicode(value) else "half of a surrogate pair in a text"
    if depth == 0:
        return f"more than {MAX_DEPTH} levels of nesting"
    if isinstance(value, list):
        return next(filter(None, (_fault(item, depth - 1) for item in value)), "")
    if isinstance(value, dict):
        if not all(isinstance(key, str) and _KEY.fullmatch(key) for key in value):
            return "a key that is not of ASCII letters, digits, '_', '-' and '.'"
        return next(filter(None, (_fault(item, depth - 1) for item in value.values())), "")
    return f"a value of the type {type(value).__name__}"


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
