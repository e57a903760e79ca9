"""Wordings as files, and what holds for those that come with this software."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_gdpr.config import load_wordings, shipped
from asterisk_gdpr.config.installation import SpeechBy
from asterisk_gdpr.core.call.state import KEYS, Part
from asterisk_gdpr.core.notice import Wording, fields_in, notice
from asterisk_gdpr.core.policy import Ask, Line, Period, Policy, Unit
from asterisk_gdpr.errors import ConfigFaults
from tests.policy.titles import LANGUAGES, translated

HEDGES = {
    "en": "may|might|some|possibly",
    "de": "vielleicht|möglicherweise|eventuell|könnte|könnten|gegebenenfalls",
    "fr": "peut-être|éventuellement|susceptible|pourrait|pourrions|certains",
    "es": "quizás?|posiblemente|eventualmente|podría|podríamos|podemos|algunos",
    "it": "forse|eventualmente|potrebbe|potremmo|possiamo|alcuni",
    "nl": "misschien|mogelijk|eventueel|zouden|zou|sommige",
    "pl": "może|możemy|możliwe|ewentualnie|niektóre",
    "pt": "talvez|eventualmente|poderá|poderíamos|podemos|alguns",
}
"""Words by which a controller says that something happens without saying whether it does."""


def test_the_languages_are_those_that_are_promised(wordings: Mapping[str, Wording]) -> None:
    """Every shipped language has a wording and a voice, and there is no other."""
    assert set(wordings) == set(SpeechBy().voices) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_hedges(sample: Policy, wordings: Mapping[str, Wording], language: str) -> None:
    """What happens is said as it happens, in every language (WP260)."""
    spoken = " ".join(
        part.text
        for line in translated(sample).lines.values()
        for part in notice(translated(sample), line, wordings[language])
    )

    assert not re.search(rf"\b({HEDGES[language]})\b", spoken, re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_names_its_keys(sample: Policy, wordings: Mapping[str, Wording], language: str) -> None:
    """In every language two keys at most are to be pressed now, one of them for details; `*9` is for ever."""
    star = f"{wordings[language].symbols['*']} 9"
    policy = translated(sample)
    lines = {
        ("quality",): KEYS.agree,
        ("improvement",): KEYS.refuse,
        ("quality", "improvement"): KEYS.agree,
        ("orders", "quality"): KEYS.agree,
        ("orders", "improvement"): KEYS.refuse,
    }
    for purposes, decides in lines.items():
        parts = notice(policy, Line("x", purposes=purposes), wordings[language])
        question = next(part.text for part in parts if part.part is Part.QUESTION)

        assert re.findall(rf"{star}|\d", question) == [decides, star, KEYS.details], purposes
    each = notice(policy, Line("x", purposes=("quality", "disputes"), ask=Ask.EACH), wordings[language])
    first, second = (part.text for part in each if part.part is Part.QUESTION)
    assert re.findall(rf"{star}|\d", first) == [KEYS.agree, star, KEYS.details]
    assert re.findall(rf"{star}|\d", second) == [KEYS.agree]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", Unit)
def test_a_period_of_one_is_said_as_a_word(
    sample: Policy, wordings: Mapping[str, Wording], language: str, unit: Unit
) -> None:
    """One day, week, month or year is never said with a digit."""
    quality = replace(translated(sample).purposes["quality"], keep=Period(1, unit))
    policy = replace(sample, purposes={**sample.purposes, "quality": quality})
    statement = notice(policy, Line("x", purposes=("quality",)), wordings[language])[0].text

    assert wordings[language].times[unit].one in statement
    assert not re.search(r"\d", statement)


def test_polish_periods_are_counted_as_poles_count(sample: Policy, wordings: Mapping[str, Wording]) -> None:
    """Two, five and twenty-two months each have the right form in a Polish notice."""
    for count, said in ((2, "za 2 miesiące."), (5, "za 5 miesięcy."), (22, "za 22 miesiące.")):
        quality = replace(translated(sample).purposes["quality"], keep=Period(count, Unit.MONTHS))
        policy = replace(sample, purposes={**sample.purposes, "quality": quality})

        assert said in notice(policy, Line("x", purposes=("quality",)), wordings["pl"])[0].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(wordings: Mapping[str, Wording], language: str) -> None:
    """Each sentence names the same fields in every language."""
    for sentence, text in wordings["en"].sentences.items():
        assert fields_in(wordings[language].sentences[sentence]) == fields_in(text), sentence


@pytest.mark.parametrize(
    ("language", "old", "new", "fault"),
    [
        ("pl", 'few: "{count} miesiące", ', "", "missing"),
        ("en", '{one: "one month", ', '{one: "one month", few: "{count} months", ', "unknown-word"),
        ("pl", 'few: "{count} lata"', 'few: "lata"', "unknown-field"),
        ("pt", 'two: "duas horas"', 'second: "duas horas"', "unknown-word"),
    ],
)
def test_a_wording_counts_as_its_language_does(
    tmp_path: Path, language: str, old: str, new: str, fault: str
) -> None:
    """A phrase that a language needs, does not have, or that lacks the number is a fault with its line."""
    text = (shipped() / "notices" / f"{language}.yaml").read_text("utf-8")
    (tmp_path / f"{language}.yaml").write_text(text.replace(old, new), "utf-8")

    with pytest.raises(ConfigFaults) as caught:
        load_wordings(tmp_path)

    line = text[: text.index(old)].count("\n") + 1
    assert [(each.id, each.line) for each in caught.value.faults] == [(fault, line)]


def test_an_incomplete_wording_is_refused_with_all_that_it_lacks(tmp_path: Path) -> None:
    """A language that cannot say everything is not spoken at all."""
    text = (shipped() / "notices" / "en.yaml").read_text()
    (tmp_path / "en.yaml").write_text(
        text.replace("  stopped:", "  stoped:")
        .replace('"star"', '"star", "A": "a"')
        .replace("within {grace}", "within {time}")
        .replace("{count} days", "days")
        .replace("language: en", "language: fr")
    )

    with pytest.raises(ConfigFaults) as caught:
        load_wordings(tmp_path)

    assert sorted(fault.id for fault in caught.value.faults) == [
        "missing",
        "unknown-field",
        "unknown-field",
        "unknown-word",
        "unknown-word",
        "wrong-name",
    ]
