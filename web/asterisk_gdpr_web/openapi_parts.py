"""The pieces that the description of the interface for programs is put together from."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.service.people.tokens import Scope

TIME = {"type": "string", "format": "date-time"}
TEXT: dict[str, Any] = {"type": "string"}


def id_in_path(name: str) -> dict[str, Any]:
    """One of our ids, as a part of a path."""
    schema = {"type": "string", "pattern": "^[a-z0-9]{1,32}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


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


def asked(name: str, schema: dict[str, Any] | None = None, *, needed: bool = False) -> dict[str, Any]:
    """What stands behind the question mark."""
    return {"name": name, "in": "query", "required": needed, "schema": schema or TEXT}


def get(scope: Scope, says: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    """Something that is read."""
    return {
        "summary": says,
        "security": [{"token": [scope]}],
        "parameters": list(parameters),
        "responses": {
            "200": {"description": says, "content": {"application/json": {"schema": schema}}},
            **_REFUSALS,
        },
    }


def post(scope: Scope, says: str, schema: dict[str, Any], body: dict[str, Any] | None) -> dict[str, Any]:
    """Something that is done; `body` is what is sent for it."""
    done = get(scope, says, schema)
    if body is None:
        return done
    return {**done, "requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}


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


ERROR = {"description": "Refused", "content": {"application/json": {"schema": thing(error=TEXT)}}}
_REFUSALS = {code: ERROR for code in ("400", "401", "403", "404", "409", "410", "413", "423", "503")}
