"""How a language counts."""

from __future__ import annotations

import pytest

from asterisk_gdpr.core.plurals import Counted, has_few

MONTHS = Counted(one="jeden miesiąc", few="{count} miesiące", more="{count} miesięcy")


@pytest.mark.parametrize("count", [2, 3, 4, 22, 33, 104])
def test_polish_has_a_phrase_for_few(count: int) -> None:
    """In Polish, what ends in two, three or four is few."""
    assert MONTHS.say(count, "pl") == f"{count} miesiące"


@pytest.mark.parametrize("count", [5, 10, 11, 12, 13, 14, 20, 21, 25, 101, 112])
def test_polish_says_many_otherwise(count: int) -> None:
    """Twelve to fourteen are not few in Polish, and twenty-one is not one."""
    assert MONTHS.say(count, "pl") == f"{count} miesięcy"


def test_one_is_said_as_a_word() -> None:
    """One thing is never said with the plural's phrase."""
    assert MONTHS.say(1, "pl") == "jeden miesiąc"


def test_two_has_its_own_word_where_it_is_given() -> None:
    """Two is said by its own phrase before any other, and only two is."""
    weeks = Counted(one="uma semana", two="duas semanas", more="{count} semanas")
    hours = Counted(one="jedną godzinę", two="dwie godziny", few="{count} godziny", more="{count} godzin")

    assert [weeks.say(count, "pt") for count in (2, 3, 22)] == ["duas semanas", "3 semanas", "22 semanas"]
    assert [hours.say(count, "pl") for count in (2, 3, 12)] == ["dwie godziny", "3 godziny", "12 godzin"]


def test_most_languages_have_two_phrases() -> None:
    """Where a language does not count so, few are said like many."""
    assert not has_few("en")
    assert Counted(one="one day", more="{count} days").say(3, "en") == "3 days"
