"""Periods: never early, and late by less than a day of the controller's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from asterisk_gdpr.core.policy import Basis, Period, Unit
from asterisk_gdpr.core.recording import Term
from asterisk_gdpr.core.retention import add_period, end_of, expiry, is_due, is_living, living, start_clocks

berlin = ZoneInfo("Europe/Berlin")
zones = some.sampled_from(
    [
        "Europe/Berlin",
        "Europe/London",
        "America/Havana",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "UTC",
    ]
).map(ZoneInfo)
starts = some.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=some.just(UTC))
periods = some.builds(Period, some.integers(1, 400), some.sampled_from(Unit))
short = settings(max_examples=30)


def at(text: str) -> datetime:
    """The time that a text names."""
    return datetime.fromisoformat(text)


def term(expires: datetime | None = None, ended: datetime | None = None, purpose: str = "quality") -> Term:
    """A purpose that ends or ended at these times."""
    return Term("r1", purpose, Basis.CONSENT, Period(30, Unit.DAYS), expires, ended)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2026-01-15T12:00:00Z", Period(1, Unit.DAYS), "2026-01-17T00:00:00+01:00"),
        ("2026-01-15T12:00:00Z", Period(2, Unit.WEEKS), "2026-01-30T00:00:00+01:00"),
        ("2026-01-15T12:00:00Z", Period(3, Unit.MONTHS), "2026-04-16T00:00:00+02:00"),
        ("2026-01-31T12:00:00Z", Period(1, Unit.MONTHS), "2026-03-01T00:00:00+01:00"),
        ("2028-01-31T12:00:00Z", Period(1, Unit.MONTHS), "2028-03-01T00:00:00+01:00"),
        ("2028-02-29T12:00:00Z", Period(1, Unit.YEARS), "2029-03-01T00:00:00+01:00"),
        ("2026-11-30T12:00:00Z", Period(3, Unit.MONTHS), "2027-03-01T00:00:00+01:00"),
        ("2026-12-31T22:59:59Z", Period(1, Unit.DAYS), "2027-01-02T00:00:00+01:00"),
        ("2026-12-31T23:00:00Z", Period(1, Unit.DAYS), "2027-01-03T00:00:00+01:00"),
    ],
)
def test_periods_are_those_of_union_law(start: str, period: Period, end: str) -> None:
    """The day of the event does not count, months end on the same number or the last day, days end whole."""
    assert add_period(at(start), period, berlin) == at(end)


def test_day_that_begins_late() -> None:
    """Where the clock is put forward at midnight, the day begins when the clock says so."""
    end = add_period(at("2026-03-27T12:00:00+02:00"), Period(1, Unit.DAYS), ZoneInfo("Asia/Beirut"))

    assert end == at("2026-03-29T01:00:00+03:00")


def test_midnight_that_comes_twice() -> None:
    """Where midnight comes twice, the period ends with the second."""
    end = add_period(at("2026-10-30T12:00:00-04:00"), Period(1, Unit.DAYS), ZoneInfo("America/Havana"))

    assert end == at("2026-11-01T00:00:00-05:00")


def test_a_day_that_a_zone_left_out_is_not_counted() -> None:
    """Where a zone skipped a whole day, the days that truly passed count."""
    start = at("2011-12-29T12:00:00-10:00")

    assert add_period(start, Period(1, Unit.DAYS), ZoneInfo("Pacific/Apia")) - start >= timedelta(days=1)


def test_beyond_the_calendar() -> None:
    """A period that reaches beyond the calendar ends with it."""
    for period in (Period(9_000, Unit.YEARS), Period(10**9, Unit.DAYS), Period(10**9, Unit.WEEKS)):
        assert add_period(at("2026-01-15T12:00:00Z"), period, berlin).year == 9999


@given(starts, periods, zones)
@short
def test_never_early(start: datetime, period: Period, zone: tzinfo) -> None:
    """No period ends before as many days, weeks or whole local days as it counts have passed."""
    end = add_period(start, period, zone)
    days = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 28, Unit.YEARS: 365}[period.unit] * period.count

    assert end.tzinfo is UTC
    assert end.astimezone(zone).date() > start.astimezone(zone).date() + timedelta(days=days - 1)
    if period.unit in (Unit.DAYS, Unit.WEEKS):
        assert timedelta(days=days) <= end - start <= timedelta(days=days + 2)


@given(starts, starts, periods, zones)
@short
def test_later_start_never_ends_earlier(one: datetime, other: datetime, period: Period, zone: tzinfo) -> None:
    """What began later never ends earlier."""
    first, second = sorted((one, other))

    assert add_period(first, period, zone) <= add_period(second, period, zone)


moments = some.none() | starts
some_terms = some.lists(some.builds(term, moments, moments), min_size=1, max_size=4)


@given(some_terms, starts)
@short
def test_due_is_when_nothing_lives(terms: list[Term], now: datetime) -> None:
    """A recording is due exactly when its expiry has come, and that is when no purpose is alive."""
    end = expiry(terms)

    assert is_due(terms, now) == (end is not None and end <= now)
    assert is_due(terms, now) == (not living(terms, now))


@given(some_terms, starts)
@short
def test_ending_a_purpose_never_lengthens(terms: list[Term], now: datetime) -> None:
    """Ending a purpose never makes a recording live longer."""
    before = expiry(terms)
    after = expiry([replace(t, ended_at=now) if t.ended_at is None else t for t in terms])

    assert after is not None
    assert before is None or after <= before


def test_clocks_start_once() -> None:
    """A purpose that has its date keeps it when clocks are started again."""
    started = start_clocks([term()], at("2026-01-15T12:00:00Z"), berlin)

    assert end_of(started[0]) == at("2026-02-15T00:00:00+01:00")
    assert start_clocks(started, at("2026-03-15T12:00:00Z"), berlin) == started


def test_open_purpose_is_alive() -> None:
    """A purpose without a date is alive; one that ends is not alive at its end."""
    end = at("2026-02-15T00:00:00Z")

    assert is_living(term(), end)
    assert not is_living(term(expires=end), end)
    assert is_living(term(expires=end), end - timedelta(microseconds=1))


def test_no_purpose_no_end() -> None:
    """Nobody asks for the end of a recording without a purpose: there is none such."""
    with pytest.raises(ValueError):
        expiry([])
