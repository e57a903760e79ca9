"""What of people's listening is unusual."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from asterisk_gdpr.core.unusual import Heard, Kind, Limits, Unusual, unusual

LIMITS = Limits("BV-1", recordings_a_day=2, from_hour=7, to_hour=20, of_one_person=2)
MONDAY = date(2026, 11, 23)


def heard(user: str, recording: str, hour: int = 9, day: int = 23, *persons: str) -> Heard:
    """A listening on a day of November."""
    return Heard(user, recording, datetime(2026, 11, day, hour, 30), frozenset(persons))


def test_within_the_limits_nothing_is_said() -> None:
    """As many as the limit, within the hours, of as many persons: nobody's business."""
    listened = [heard("q", "r1", 7), heard("q", "r2", 19), heard("q", "r3", 9, 24, "caller:a")]
    assert unusual(listened, LIMITS) == []


def test_one_more_than_the_limit_of_a_day_is_told() -> None:
    """What is beyond a day's limit is told with the day and how many; the same one again is no other."""
    again = [heard("q", "r1"), heard("q", "r1"), heard("q", "r2")]
    assert unusual(again, LIMITS) == []
    assert unusual([*again, heard("q", "r3")], LIMITS) == [Unusual(Kind.MANY, "q", MONDAY, 3)]


def test_an_hour_that_is_not_usual_is_told() -> None:
    """From the hour on it is usual, and at the other hour no more."""
    for hour, odd in ((6, True), (7, False), (19, False), (20, True), (23, True), (0, True)):
        found = unusual([heard("q", "r1", hour)], LIMITS)
        assert found == ([Unusual(Kind.ODD_HOURS, "q", MONDAY, 1)] if odd else []), hour


def test_the_same_person_again_and_again_is_told() -> None:
    """Over all the days, and with the last one; others who hear the same person are counted by themselves."""
    listened = [heard("q", f"r{day}", 9, day, "agent:a1") for day in (21, 22, 23)]
    assert unusual([*listened, heard("o", "r21", 9, 21, "agent:a1")], LIMITS) == [
        Unusual(Kind.ONE_PERSON, "q", MONDAY, 3, "agent:a1")
    ]


@given(
    st.lists(
        st.builds(
            heard,
            st.sampled_from("qo"),
            st.sampled_from(["r1", "r2", "r3", "r4"]),
            st.integers(0, 23),
            st.integers(21, 23),
            st.sampled_from(["caller:a", "agent:b"]),
        ),
        max_size=30,
    )
)
def test_what_is_told_is_in_the_log(listened: list[Heard]) -> None:
    """However people listen: what is told can be counted in the log, and what is not is within the limits."""
    found = unusual(listened, LIMITS)
    for user in "qo":
        for day in (21, 22, 23):
            own = {h.recording for h in listened if h.user == user and h.at.day == day}
            told = [u.recordings for u in found if (u.kind, u.user, u.day.day) == (Kind.MANY, user, day)]
            assert told == ([len(own)] if len(own) > 2 else [])
        for person in ("caller:a", "agent:b"):
            own = {h.recording for h in listened if h.user == user and person in h.persons}
            told = [
                u.recordings for u in found if (u.kind, u.user, u.person) == (Kind.ONE_PERSON, user, person)
            ]
            assert told == ([len(own)] if len(own) > 2 else [])
