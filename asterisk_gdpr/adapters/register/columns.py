"""Column types: times that sort as text, and bytes that can be made to vanish.

What must vanish (wrapped keys, callers' numbers, a ledger entry's payload) is overwritten in place
with zeroes of the same length, and its row stays. Deleting rows lets SQLite move their neighbours
between pages, and what is left behind in a page's gap is not wiped even under `secure_delete`
(measured: 2 of 28,598 deleted rows of 200 bytes); a row that keeps its length moves nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, String, Text
from sqlalchemy.types import TypeDecorator

from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Damaged

Kind = TypeVar("Kind", bound=StrEnum)


Whole = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of 64 bits in either database; of SQLite's names for it only this one can count up."""


def not_as_written() -> Damaged:
    """The error of a value that this program never writes there."""
    return Damaged("The register holds something that was not written so.", id="register-damaged")


def one_of(kind: type[Kind], text: str) -> Kind:
    """The word that a column holds."""
    try:
        return kind(text)
    except ValueError:
        raise not_as_written() from None


class Time(TypeDecorator[datetime]):
    """An aware UTC time as ISO 8601 text with `Z` and six decimals."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        """Write it."""
        return None if value is None else to_text(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> datetime | None:
        """Read it."""
        try:
            return None if value is None else from_text(value)
        except (ValueError, TypeError):
            raise not_as_written() from None


class Erasable(TypeDecorator[bytes]):
    """Bytes that were never there, are there, or have been overwritten; both lacks read as None."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        """Write it."""
        return value

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        """Read it; nothing but zeroes is nothing."""
        return value if value and any(value) else None


class ErasableText(TypeDecorator[str]):
    """Text of which nothing but dashes is left once it has been overwritten; it then reads as empty."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Write it."""
        return value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        """Read it."""
        return value if value is None or value.strip("-") else ""


def dashes(text: str) -> str:
    """What to write over a text: as many bytes, none of which tells anything."""
    return "-" * len(text.encode())


class Sealed(Erasable):
    """Erasable bytes that only a private key of the vault opens: its table names the epoch in each row.

    `use` and `names` say what a value is bound to, before the row's own key: `data-key`, or `field` with
    the names of `seal.keys.field_info`. What is of this type is sealed anew when an epoch ends.
    """

    cache_ok = True

    def __init__(self, use: str, *names: str) -> None:
        super().__init__()
        self.use = use
        self.names = names


def wiped(value: bytes) -> bytes:
    """What to write over `value`."""
    return bytes(len(value))
