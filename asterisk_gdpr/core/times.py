"""Times outside the program: ISO 8601 in UTC with `Z` and six decimals, so that they sort as text."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(at: datetime) -> str:
    """`2026-11-23T10:00:00.250000Z`: always 27 characters; `at` must be aware."""
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> datetime:
    """The aware UTC time that `to_text` wrote; anything else raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is not UTC or to_text(at) != text:
        raise ValueError("a time in another form than ours")
    return at
