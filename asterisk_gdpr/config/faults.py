"""What a schema found wrong with a document, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from asterisk_gdpr.config.document import Document, Place
from asterisk_gdpr.config.kinds import shown
from asterisk_gdpr.config.schema import Schema
from asterisk_gdpr.errors import ConfigFaults, Fault

_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_MISSING = ("missing", "missing_argument")

_SECRETS = ("password", "secret", "token", "passphrase", "pin", "key")

_INSTEAD = {"on": "date", "approved_by": "by", "approved_on": "date", "period": "keep", "retention": "keep"}
"""Words that people write for ours, and that look like none of them."""

T = TypeVar("T")


@dataclass(frozen=True)
class Checked(Generic[T]):
    """What came of a document: its value (None when the schema refused it), and all of its faults."""

    value: T | None
    faults: tuple[Fault, ...]
    faulty: tuple[Place, ...] = ()
    """The places that the schema refused."""

    def required(self) -> T:
        """The value; raises `ConfigFaults` when there is any fault."""
        if self.value is None or self.faults:
            raise ConfigFaults(self.faults)
        return self.value


def validate(schema: Schema[T], document: Document, base: object = None) -> Checked[T]:
    """Hold a document against a schema; `base` is the folder that its relative paths begin at."""
    try:
        value = schema.value(document.data, base)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=True)
        faults = [*document.faults, *_faults(found, document, schema)]
        faulty = tuple(_place(error) for error in found)
        return Checked(None, tuple(ordered(faults)), faulty)
    return Checked(value, tuple(ordered(document.faults)))


def raise_any(faults: Iterable[Fault]) -> None:
    """Raise all faults at once, if there are any."""
    found = ordered(faults)
    if found:
        raise ConfigFaults(found)


def ordered(faults: Iterable[Fault]) -> list[Fault]:
    """Faults as a person works through them: by file and line, each once."""
    return sorted(dict.fromkeys(faults), key=lambda fault: (fault.file, fault.line))


def _faults(errors: Sequence[Any], document: Document, schema: Schema[T]) -> Iterator[Fault]:
    renamed = {_meant(error, schema) for error in errors if error["type"] in _UNKNOWN}
    for error in errors:
        place = _place(error)
        if any(place[:depth] in document.faulty for depth in range(len(place) + 1)):
            continue
        if error["type"] in _MISSING and place in renamed:
            continue
        id, message, hint = _told(error, place, schema)
        where = place[:-1] if id in ("unknown-word", "secret-in-file") else place
        yield document.fault(place, id, f"{named(where)}: {message}" if where else message, hint)


def _meant(error: Any, schema: Schema[T]) -> Place:
    """The place of the word that an unknown one was probably meant to be; empty when there is none."""
    place = _place(error)
    instead = _instead(str(place[-1]), schema.words_at(place[:-1]))
    return (*place[:-1], instead) if instead else ()


def _place(error: Any) -> Place:
    return tuple(part for part in error["loc"] if part != "[key]")


def _told(error: Any, place: Place, schema: Schema[T]) -> tuple[str, str, str]:
    kind, context, value = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "custom":
        return context["id"], context["message"], context["hint"]
    if kind in _UNKNOWN:
        return _unknown(str(place[-1]), schema.words_at(place[:-1]))
    if kind in _MISSING:
        return "missing", "this is missing", schema.meaning_of(place)
    if kind in ("enum", "literal_error"):
        return (
            "not-allowed",
            f"{shown(value)} is not one of {context['expected']}",
            _nearest(value, context["expected"]),
        )
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        unit = " seconds" if isinstance(value, str) else ""
        limit = str(error["msg"]).lower().replace("input should be", "must be")
        return "out-of-range", f"{limit}{unit}, not {shown(value)}", ""
    if kind == "string_too_long":
        return "too-long", f"longer than {context['max_length']} characters", "shorten it"
    if kind == "too_short":
        return "empty", "this must not be empty", "name at least one"
    if kind == "string_type":
        quoted = isinstance(value, int | float) and not isinstance(value, bool)
        return "wrong-type", "this must be text", f'put it in quotes: "{value}"' if quoted else ""
    expected = _KINDS.get(kind)
    return "wrong-type", f"this must be {expected}" if expected else error["msg"], ""


_KINDS = {
    "bool_type": "`true` or `false`",
    "int_type": "a whole number",
    "float_type": "a number",
    "list_type": "a list: `[one, two]`",
    "tuple_type": "a list: `[one, two]`",
    "frozen_set_type": "a list: `[one, two]`",
    "dict_type": "`word: value` lines",
    "mapping_type": "`word: value` lines",
    "model_type": "`word: value` lines",
    "model_attributes_type": "`word: value` lines",
    "dataclass_type": "`word: value` lines",
    "dataclass_exact_type": "`word: value` lines",
}


def _unknown(word: str, known: Sequence[str]) -> tuple[str, str, str]:
    secret_file = next((name for name in known if name in (f"{word}_file", f"{word}s_file")), None)
    if secret_file or word.lower() in _SECRETS:
        hint = (
            f"put it in a file of its own and name that: `{secret_file}: ...`"
            if secret_file
            else "leave it out"
        )
        return "secret-in-file", f"`{word}` is a secret, and secrets do not stand in this file", hint
    instead = _instead(word, known)
    if instead:
        return "unknown-word", f"{shown(word)} is not a word of this file", f"did you mean `{instead}`?"
    return "unknown-word", f"{shown(word)} is not a word of this file", f"here it knows {', '.join(known)}"


def _instead(word: str, known: Sequence[str]) -> str | None:
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    instead = near[0] if near else _INSTEAD.get(word)
    return instead if instead in known else None


def _nearest(value: object, expected: str) -> str:
    names = [name.strip("' ") for name in expected.replace(" or ", ", ").split(",")]
    near = get_close_matches(str(value), names, n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else ""


def named(place: Place) -> str:
    """A place as people name it: `lines.sales.purposes.2`, counting from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
