"""The pieces that the description of the interface for programs is put together from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asterisk_gdpr.service.people.tokens import Scope

TIME = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}
"""A day of the controller's own zone."""
TEXT: dict[str, Any] = {"type": "string"}
COUNT = {"type": "integer"}
YES = {"type": "boolean"}
ID = {"type": "string", "pattern": "^[a-z0-9]{1,32}$"}
"""One of our ids."""
NUMBER = {"type": "string", "minLength": 1, "maxLength": 40}
"""A telephone number, with its country code; it is in no answer and in no address."""


def id_in_path(name: str) -> dict[str, Any]:
    """One of our ids, as a part of a path."""
    return {"name": name, "in": "path", "required": True, "schema": ID}


def null(schema: dict[str, Any]) -> dict[str, Any]:
    """The same, or nothing."""
    return {**schema, "type": [schema["type"], "null"]}


def thing(optional: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """An object; `optional` may be missing in it."""
    every = {**properties, **(optional or {})}
    return {"type": "object", "required": sorted(properties), "properties": every}


def list_of(schema: dict[str, Any]) -> dict[str, Any]:
    """A list of these."""
    return {"type": "array", "items": schema}


def one_of(words: Iterable[str]) -> dict[str, Any]:
    """One of some words."""
    return {"type": "string", "enum": [str(word) for word in words]}


def words(most: int, least: int = 0) -> dict[str, Any]:
    """A text of so many characters."""
    return {"type": "string", "minLength": least, "maxLength": most}


def asked(name: str, schema: dict[str, Any] | None = None, *, needed: bool = False) -> dict[str, Any]:
    """What stands behind the question mark."""
    return {"name": name, "in": "query", "required": needed, "schema": schema or TEXT}


def page_of(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A page of a list; `after` is what the next one is asked by, null at the end."""
    return thing(**{name: list_of(schema), "after": null(TEXT)})


PAGING = (
    asked("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
    asked("after"),
)
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A text of the program's own: the same once more does nothing twice",
    "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
}


def get(
    scope: Scope | None, says: str, schema: dict[str, Any], *parameters: dict[str, Any]
) -> dict[str, Any]:
    """Something that is read."""
    return {
        "summary": says,
        "security": [{"token": [scope] if scope else []}],
        "parameters": list(parameters),
        "responses": {
            "200": {"description": says, "content": {"application/json": {"schema": schema}}},
            **_REFUSALS,
        },
    }


def post(
    scope: Scope,
    says: str,
    schema: dict[str, Any],
    body: dict[str, Any] | None,
    *parameters: dict[str, Any],
) -> dict[str, Any]:
    """Something that is done; `body` is what is sent for it, and nothing else is."""
    done = get(scope, says, schema, *parameters)
    if body is None:
        return done
    closed = {**body, "additionalProperties": False}
    return {**done, "requestBody": {"required": True, "content": {"application/json": {"schema": closed}}}}


def audio(described: dict[str, Any]) -> dict[str, Any]:
    """The same, answered by sound."""
    responses = described["responses"]
    responses["200"]["content"] = {"audio/wav": {}}
    responses["206"] = {"description": "A range of it", "content": {"audio/wav": {}}}
    responses["416"] = {"description": "Beyond its end"}
    return described


def plain(described: dict[str, Any], kind: str) -> dict[str, Any]:
    """The same, answered by text of a kind."""
    described["responses"]["200"]["content"] = {kind: {}}
    return described


SEALED_FOR = {"recipient": words(200, 1), "passphrase": words(200, 1)}
"""For whom a copy is sealed, in the age format: a recipient (`age1…`), or a passphrase of at least twelve."""


def age_file(described: dict[str, Any]) -> dict[str, Any]:
    """The same, answered by a file in the age format."""
    return plain(described, "application/octet-stream")


ERROR = {
    "description": "Refused: an id that may be relied on, what is wrong, and what to do next",
    "content": {"application/json": {"schema": thing(error=TEXT, message=TEXT, hint=TEXT)}},
}
_REFUSALS = {code: ERROR for code in ("400", "401", "403", "404", "409", "410", "413", "423", "429", "503")}
