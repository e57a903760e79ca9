"""Ids and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.service.ids import new_id

times = some.datetimes(timezones=some.timezones())


def test_ids_have_one_form() -> None:
    """An id is its prefix and 16 characters that file names, URLs and SQL take as they are."""
    assert re.fullmatch("c[0-9a-v]{16}", new_id("c"))


def test_ids_sort_by_time() -> None:
    """Ids sort by the time at which they were made, and are never alike."""
    made = [new_id("r") for _ in range(1000)]
    moments = [id[:10] for id in made]

    assert moments == sorted(moments)
    assert len(set(made)) == 1000


@given(times, times)
@settings(max_examples=25)
def test_times_sort_as_text(one: datetime, other: datetime) -> None:
    """Times sort as text as they do as times, and come back as they were, in UTC."""
    try:
        first, second = to_text(one), to_text(other)
    except OverflowError:
        return
    assert (first < second) == (one.astimezone(UTC) < other.astimezone(UTC))
    assert from_text(first) == one.astimezone(UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00.000000",
        "2026-11-23T12:00:00.000000+00:00",
        "2026-11-23 12:00:00.000000Z",
        "2026-11-23T12:00:00.000000z",
        "",
    ],
)
def test_times_have_one_form(text: str) -> None:
    """A time in any other form is refused."""
    with pytest.raises(ValueError):
        from_text(text)


def test_time_without_zone() -> None:
    """A time without its zone is refused; one of another zone is written in UTC."""
    with pytest.raises(ValueError):
        to_text(datetime(2026, 11, 23))
    berlin = timezone(timedelta(hours=1))
    assert to_text(datetime(2026, 11, 23, 12, tzinfo=berlin)) == "2026-11-23T11:00:00.000000Z"
