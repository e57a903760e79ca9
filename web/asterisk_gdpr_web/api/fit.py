"""Whether what a program sent is what the description says: the description is the rule, and no second one.

Of JSON Schema it knows the words that our own descriptions use (a pattern is of the whole), and refuses a
name that is not described: a slip of the pen in it was meant to narrow, or to change the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

HIGHEST = 10**9
"""No number that is sent to us is higher."""

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def misfit(schema: Mapping[str, Any], value: object, name: str = "") -> str:
    """Say what of a value is not as described, by its name; empty where all is."""
    kind = schema["type"]
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON knows one kind of numbers: 1.0 is 1
    if not isinstance(value, _KINDS[kind]) or (kind in ("integer", "number") and isinstance(value, bool)):
        return f"{name or 'what is sent'}: {kind} is expected"
    if "enum" in schema and value not in schema["enum"]:
        return f"{name}: one of {', '.join(map(str, schema['enum']))}"
    match value:
        case dict():
            return _object(schema, value, name)
        case list():
            return _list(schema, value, name)
        case str():
            return _text(schema, value, name)
        case bool():
            return ""
        case int() | float():
            low, high = schema.get("minimum", -HIGHEST), schema.get("maximum", HIGHEST)
            return "" if low <= value <= high else f"{name}: {low} to {high}"
    return ""


def _object(schema: Mapping[str, Any], value: Mapping[str, Any], name: str) -> str:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", False)
    if missing := sorted(set(schema.get("required", ())) - value.keys()):
        return f"{missing[0]} is missing"
    for field, said in value.items():
        known = properties.get(field, others)
        if not known:
            return "a name in it is not known"
        if wrong := misfit(known, said, field if field in properties else name):
            return wrong
    return ""


def _list(schema: Mapping[str, Any], value: list[Any], name: str) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
    if not least <= len(value) <= most:
        return f"{name}: {least} to {most} of them"
    return next((wrong for each in value if (wrong := misfit(schema["items"], each, name))), "")


def _text(schema: Mapping[str, Any], value: str, name: str) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength", len(value))
    if not least <= len(value) <= most:
        return f"{name}: {least} to {most} characters"
    if not _is_plain(value):
        return f"{name}: a character in it is none"
    if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), value):
        return f"{name}: it has another form"
    if "format" in schema and not _is_time(schema["format"], value):
        return f"{name}: a {schema['format']} is expected"
    return ""


def _is_plain(value: str) -> bool:
    """Whether it can be written down: no half of a pair, and no end of a text."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def _is_time(form: str, value: str) -> bool:
    try:
        if form == "date":
            return date.fromisoformat(value).isoformat() == value
        return datetime.fromisoformat(value).utcoffset() is not None and "T" in value.upper()
    except ValueError:
        return False
