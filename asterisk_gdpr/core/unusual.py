"""What of people's listening is unusual: much in a day, at odd hours, or again and again the same person.

It watches people at work, so it is reckoned only where the policy names the agreement that allows it, and by
the limits that the policy sets; what is within them is nobody's business.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

SPAN = timedelta(days=7)
"""How far back it is looked."""


@dataclass(frozen=True)
class Limits:
    """What is still usual; `agreement` is the staff agreement's id.

    `from_hour` and `to_hour` are hours of the local day: 7 and 20 mean from 7:00 until just before 20:00.
    """

    agreement: str
    recordings_a_day: int = 50
    from_hour: int = 7
    to_hour: int = 20
    of_one_person: int = 10


@dataclass(frozen=True)
class Heard:
    """One listening: who heard which recording, when by local time, and whose voices are in it.

    `persons` are names that say nothing outside of here: `caller:…`, `agent:…`.
    """

    user: str
    recording: str
    at: datetime
    persons: frozenset[str] = frozenset()


class Kind(StrEnum):
    """In which way a listening is unusual."""

    MANY = "many"
    """More recordings in a day than the limit."""
    ODD_HOURS = "odd-hours"
    """At hours that are not the usual ones."""
    ONE_PERSON = "one-person"
    """More recordings of the same person within the span than the limit."""


@dataclass(frozen=True)
class Unusual:
    """One finding: whose listening, on which day (the last one, for a span), and how many recordings."""

    kind: Kind
    user: str
    day: date
    recordings: int
    person: str = ""


def unusual(heard: Iterable[Heard], limits: Limits) -> list[Unusual]:
    """Return what is beyond the limits, newest day first; each recording counts once."""
    by_day: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
    odd: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
    of_person: defaultdict[tuple[str, str], dict[str, date]] = defaultdict(dict)
    for each in heard:
        day = each.at.date()
        by_day[each.user, day].add(each.recording)
        if not limits.from_hour <= each.at.hour < limits.to_hour:
            odd[each.user, day].add(each.recording)
        for person in each.persons:
            last = of_person[each.user, person]
            last[each.recording] = max(day, last.get(each.recording, day))
    found = [
        Unusual(Kind.MANY, user, day, len(recordings))
        for (user, day), recordings in by_day.items()
        if len(recordings) > limits.recordings_a_day
    ]
    found += [Unusual(Kind.ODD_HOURS, user, day, len(recordings)) for (user, day), recordings in odd.items()]
    found += [
        Unusual(Kind.ONE_PERSON, user, max(days.values()), len(days), person)
        for (user, person), days in of_person.items()
        if len(days) > limits.of_one_person
    ]
    return sorted(found, key=lambda each: (-each.day.toordinal(), each.user, each.kind, each.person))
