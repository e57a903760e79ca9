"""How long a recording may exist: when each purpose ends, and when the last of them has.

A period is reckoned as Regulation (EEC, Euratom) No 1182/71, Art. 3, reckons the periods of Union
law: the day of the event does not count, the period ends when its last day has ended, and one of
months or years ends on the day of the same number, or on the month's last day where there is none.
Days are those of the controller's own time zone. So a period never ends early by anyone's clock,
and ends less than a day after the same count from minute to minute would.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from asterisk_gdpr.core.policy import Period, Unit
from asterisk_gdpr.core.recording import Term
from asterisk_gdpr.errors import Refused


def add_period(start: datetime, period: Period, zone: tzinfo) -> datetime:
    """The moment (UTC) at which a period that began at `start` (aware) is over, by the days of `zone`.

    Where clocks are set forward, or a zone leaves out a day, days and weeks are counted by the hour too:
    the end is then a midnight later.
    A period that reaches beyond the calendar (year 9999) ends with it.
    """
    try:
        following = _last_day(start.astimezone(zone).date(), period) + timedelta(days=1)
        end = _midnight(following, zone)
        while end - start < _hours(period):
            following += timedelta(days=1)
            end = _midnight(following, zone)
        return end
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def start_clocks(terms: Iterable[Term], start: datetime, zone: tzinfo) -> tuple[Term, ...]:
    """The same terms, each with the date on which it expires; those that have one keep it."""
    return tuple(
        term if term.expires_at else replace(term, expires_at=add_period(start, term.keep, zone))
        for term in terms
    )


def shortened(term: Term, keep: Period, start: datetime, zone: tzinfo) -> Term:
    """The same term under another period that began at `start`, where that ends it earlier.

    A term whose clock does not run yet, or that would not end earlier, comes back as it is.
    """
    if term.expires_at is None:
        return term
    earlier = add_period(start, keep, zone)
    return replace(term, keep=keep, expires_at=earlier) if earlier < term.expires_at else term


def end_of(term: Term) -> datetime | None:
    """When a purpose ends or ended: at its date, or before it by a person's word; None while open."""
    ends = [at for at in (term.expires_at, term.ended_at) if at is not None]
    return min(ends, default=None)


def is_living(term: Term, at: datetime) -> bool:
    """Whether the recording may exist, and be listened to, for this purpose at a time."""
    end = end_of(term)
    return end is None or at < end


def living(terms: Iterable[Term], at: datetime) -> tuple[Term, ...]:
    """The purposes that are alive at a time."""
    return tuple(term for term in terms if is_living(term, at))


def expiry(terms: Sequence[Term]) -> datetime | None:
    """When the last purpose ends, and the recording with it; None while one of them is open."""
    if not terms:
        raise ValueError("a recording without a purpose has no right to exist, and no end")
    ends = [end_of(term) for term in terms]
    dated = [end for end in ends if end is not None]
    return max(dated) if len(dated) == len(ends) else None


def require_past(when: datetime, now: datetime) -> None:
    """Raise Refused (`sweep-early`) for a time to come: a period never ends early."""
    if when > now:
        raise Refused(
            "Nothing is erased before its time.", hint="Ask what would go by a dry run.", id="sweep-early"
        )


def is_due(terms: Sequence[Term], at: datetime) -> bool:
    """Whether no purpose is left at a time."""
    return not living(terms, at)


def _last_day(start: date, period: Period) -> date:
    match period.unit:
        case Unit.DAYS:
            return start + timedelta(days=period.count)
        case Unit.WEEKS:
            return start + timedelta(weeks=period.count)
        case Unit.MONTHS:
            return _add_months(start, period.count)
        case Unit.YEARS:
            return _add_months(start, 12 * period.count)


def _hours(period: Period) -> timedelta:
    """The least time that must pass; months and years are as long as their calendar makes them."""
    days = {Unit.DAYS: 1, Unit.WEEKS: 7}.get(period.unit, 0)
    return timedelta(days=days * period.count)


def _add_months(start: date, count: int) -> date:
    years, month = divmod(start.month - 1 + count, 12)
    year = start.year + years
    if year > date.max.year:
        raise OverflowError
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def _midnight(day: date, zone: tzinfo) -> datetime:
    """The moment a local day begins; of two readings (a clock set back or forward), the later one."""
    readings = (datetime.combine(day, time(), zone).replace(fold=fold) for fold in (0, 1))
    return max(reading.astimezone(UTC) for reading in readings)
