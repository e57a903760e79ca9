"""Sentences that come from elsewhere, in the language of the page: explanations, findings, faults, alarms.

The parts of the product that command line and page share say what they say in English.
Here such a sentence is its own key: `translations/phrases/<language>.json` holds it with `{0}`, `{1}` where
names and numbers stand in it, and a sentence that fits is said anew with those.
`tests/web/test_phrases.py` reads the sentences out of the code, so that none is without its words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from asterisk_gdpr.core.alarms import kind_of
from asterisk_gdpr.ports import Alarm
from asterisk_gdpr_web.language import catalogue, language

WRITTEN_IN = "en"
"""The language of the sentences themselves."""

_FIELD = re.compile(r"\{(\d+)(#?)\}")
_NAMES = re.compile(r"[\w.*#-]+(, [\w.*#-]+)*( (and|or) [\w.*#-]+)+")
_JOINING = {"de": {"and": "und", "or": "oder"}}
# A field holds digits alone, or anything within one sentence.
_DIGITS, _ANYTHING = r"(\d+)", r"((?:(?!\.(?: |$)).)+?)"


@cache
def phrases(code: str) -> dict[str, str]:
    """The sentences of a language by their English; none for the language that they are written in."""
    if code == WRITTEN_IN:
        return {}
    text = (files("asterisk_gdpr_web") / "translations" / "phrases" / f"{code}.json").read_text(
        encoding="utf-8"
    )
    words: dict[str, str] = json.loads(text)
    return words


def in_words(text: str) -> str:
    """Return a sentence in the person's language; one that has no words there stays as it is."""
    return said(text, language()) or text


def hint_in_words(text: str) -> str:
    """Return a piece of advice in the person's language; nothing where it has no words there."""
    code = language()
    return text if code == WRITTEN_IN else said(text, code)


def alarm_in_words(alarm: Alarm) -> str:
    """Return what an alarm says: in English its own message, else what its kind means."""
    code = language()
    own = catalogue(code).get(f"alarm.{alarm.id}", "")
    kind = kind_of(alarm.id)
    if own or code == WRITTEN_IN or kind is None:
        return own or alarm.message
    means = said(kind.means, code)
    return f"{means[:1].upper()}{means[1:]}." if means else alarm.message


def said(text: str, code: str) -> str:
    """Return a text in a language, sentence by sentence where it is not known whole; empty if it is not."""
    if code == WRITTEN_IN:
        return text
    if whole := _whole(text, code):
        return whole
    sentences = text.removesuffix(".").split(". ")
    if len(sentences) == 1 and not text.endswith("."):
        return ""
    told = [_whole(f"{each}.", code) or _dotted(_whole(each, code)) for each in sentences]
    return " ".join(told) if all(told) else ""


def _dotted(sentence: str) -> str:
    return sentence and f"{sentence}."


def _whole(text: str, code: str) -> str:
    if (exact := phrases(code).get(text)) is not None:
        return exact
    for pattern, order, template in _patterns(code):
        if match := pattern.fullmatch(text):
            values = {name: _value(match[place], code) for place, name in enumerate(order, 1)}
            return _FIELD.sub(lambda field, values=values: values[field[1]], template)  # type: ignore[misc]
    return ""


def _value(text: str, code: str) -> str:
    """What stands in a sentence: names joined, a phrase of its own, or something that is nobody's words."""
    if _NAMES.fullmatch(text):
        joining = _JOINING.get(code, {})
        return " ".join(joining.get(word, word) for word in text.split(" "))
    if " → " in text:
        return " → ".join(_value(each, code) for each in text.split(" → "))
    return _whole(text, code) or text


@cache
def _patterns(code: str) -> list[tuple[re.Pattern[str], list[str], str]]:
    """The sentences with something in them, those that say the most themselves first."""
    with_fields = [key for key in phrases(code) if _FIELD.search(key)]
    with_fields.sort(key=lambda key: -len(_FIELD.sub("", key)))
    return [(re.compile(_regex(key)), _fields(key), phrases(code)[key]) for key in with_fields]


def _fields(key: str) -> list[str]:
    return [found[1] for found in _FIELD.finditer(key)]


def _regex(key: str) -> str:
    def parts() -> Iterator[str]:
        end = 0
        for found in _FIELD.finditer(key):
            yield re.escape(key[end : found.start()])
            yield _DIGITS if found[2] else _ANYTHING
            end = found.end()
        yield re.escape(key[end:])

    return "".join(parts())
