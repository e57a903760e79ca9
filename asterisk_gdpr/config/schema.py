"""A schema: what may stand in a file, and which words it knows at each place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from asterisk_gdpr.config.document import Place

T = TypeVar("T")


class Schema(Generic[T]):
    """The schema of one kind of file; `kind` is a pydantic model or dataclass."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter = TypeAdapter(kind)

    def value(self, data: object, base: object) -> T:
        """The value that plain data stands for; raises pydantic's `ValidationError`."""
        return self._adapter.validate_python(data, context={"base": base})

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """The same as a JSON schema, with the meaning of each field."""
        return self._adapter.json_schema()

    def words_at(self, place: Place) -> list[str]:
        """The words that may stand at a place."""
        return sorted(self._at(place).get("properties", {}))

    def meaning_of(self, place: Place) -> str:
        """What the field at a place means, in a sentence without its full stop."""
        field = self._at(place[:-1]).get("properties", {}).get(place[-1], {})
        return str(field.get("description", "")).split("\n")[0].rstrip(".")

    def _at(self, place: Place) -> Mapping[str, Any]:
        """The part of the JSON schema that stands for a place; empty when there is none."""
        here: Mapping[str, Any] = self.json
        for part in place:
            if isinstance(part, int):
                here = here.get("items", {})
            else:
                here = here.get("properties", {}).get(part) or here.get("additionalProperties") or {}
            if not isinstance(here, Mapping):
                return {}
            here = self._resolved(here)
        return here

    def _resolved(self, here: Mapping[str, Any]) -> Mapping[str, Any]:
        for choice in here.get("anyOf", ()):
            if choice.get("type") != "null":
                here = choice
        reference = here.get("$ref")
        found: Mapping[str, Any] = self.json["$defs"][reference.rpartition("/")[2]] if reference else here
        return found
