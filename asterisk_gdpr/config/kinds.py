"""The kinds of values that the files are made of: periods, lengths of time, names, texts.

Each is checked once, here, and says in its message what to write instead.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StrictBool,
    StrictFloat,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from asterisk_gdpr.core.policy import Period, Unit

_PERIOD = re.compile(r"([1-9][0-9]{0,3}) (day|week|month|year)s?")
_SPAN = re.compile(r"([0-9]{1,6}) ?(s|min|h|days?)")
_SPAN_SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}
_AFTER_ERASURE = re.compile(r"until the recording is erased \+ (.*)")


def fault(id: str, message: str, hint: str) -> PydanticCustomError:
    """An error that becomes a `Fault` with this id; braces in the texts stand for themselves."""
    return PydanticCustomError("custom", "{message}", {"id": id, "message": message, "hint": hint})


def _period(value: object) -> Period:
    match = _PERIOD.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise fault(
            "bad-period", f"{shown(value)} is no period", "write `90 days`, `6 weeks`, `6 months` or `1 year`"
        )
    return Period(int(match[1]), Unit(match[2] + "s"))


def _period_after_erasure(value: object) -> Period:
    match = _AFTER_ERASURE.fullmatch(value) if isinstance(value, str) else None
    return _period(match[1] if match else value)


def _seconds(value: object) -> int:
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise fault(
            "bad-duration",
            f"{shown(value)} is no length of time",
            "write `0 s`, `90 s`, `30 min`, `24 h` or `7 days`",
        )
    return int(match[1]) * _SPAN_SECONDS[match[2]]


def _date(value: object) -> dt.date:
    if not isinstance(value, dt.date):
        raise fault("not-a-date", f"{shown(value)} is no date", "write it as 2026-11-23, without quotes")
    return value


def _one_line(value: str) -> str:
    text = value.strip()
    if not text:
        raise fault("empty", "this must not be empty", "say it in a few words")
    if "\n" in text:
        raise fault("more-than-a-line", "this must be one line", "shorten it")
    return text


def _phrase(value: str) -> str:
    if value.rstrip().endswith((".", "!", "?")) or "{" in value:
        raise fault(
            "not-a-phrase",
            f"{shown(value)} must continue a sentence",
            "leave out full stop and braces: `check the quality of our service`",
        )
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", value):
        raise fault(
            "not-an-address", f"{shown(value)} is no web address", "write https://example.com/privacy"
        )
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Names that lead out of the zones' folder, or to a folder in it, raise the last two.
        raise fault(
            "unknown-zone", f"{shown(value)} is no time zone", "write `Europe/Berlin` or `UTC`"
        ) from None
    return value


def _country(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise fault("unknown-country", f"{shown(value)} is no country code", "write two capitals: `DE`")
    return value


def _named(pattern: str, kind: str, example: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise fault("bad-name", f"{shown(value)} is no {kind}", f"write it like `{example}`")
        return value

    return AfterValidator(check)


def _from_file(value: Path, info: ValidationInfo) -> Path:
    base = info.context["base"] if info.context else Path()
    return Path(base) / value


def _path(value: object) -> Path:
    if not isinstance(value, str) or not value.strip():
        raise fault("wrong-type", "this must be a file name", 'write it as text: "/var/lib/asterisk-gdpr"')
    return Path(value)


def shown(value: object) -> str:
    """A value as a message may repeat it: short, printable, in backquotes."""
    text = value if isinstance(value, str) else str(value)
    cut = text if len(text) <= 40 else text[:39] + "…"
    return "`" + "".join(sign if sign.isprintable() else "�" for sign in cut) + "`"


_AS_TEXT = WithJsonSchema({"type": "string"})

PeriodText = Annotated[Period, PlainValidator(_period), _AS_TEXT]
PeriodAfterErasure = Annotated[Period, PlainValidator(_period_after_erasure), _AS_TEXT]
Seconds = Annotated[int, PlainValidator(_seconds), _AS_TEXT]
Day = Annotated[dt.date, PlainValidator(_date), _AS_TEXT]
Text = Annotated[str, Field(max_length=400), AfterValidator(_one_line)]
Phrase = Annotated[str, Field(max_length=120), AfterValidator(_one_line), AfterValidator(_phrase)]
Address = Annotated[str, Field(max_length=200), AfterValidator(_address)]
Word = Annotated[str, _named(r"[a-z][a-z0-9_-]{0,31}", "name (small letters, digits, - and _)", "sales")]
Language = Annotated[str, _named(r"[a-z]{2}", "language (two small letters)", "en")]
Endpoints = Annotated[
    str, _named(r"[A-Za-z0-9]+/[A-Za-z0-9_.*-]{1,80}", "endpoint (technology and name)", "PJSIP/2*")
]
Number = Annotated[str, _named(r"\+?[0-9][0-9 ()./-]{0,30}", "number", "112")]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
File = Annotated[Path, BeforeValidator(_path), AfterValidator(_from_file), _AS_TEXT]
Flag = StrictBool
Count = StrictInt
Share = StrictFloat
