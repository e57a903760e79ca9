"""The description of the interface for programs, in OpenAPI 3.1; a test holds it against the routes."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.service.tokens import Scope

_ID = {
    "name": "recording",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[a-z0-9]{1,32}$"},
}
LAST = 10**15 - 1
"""The highest number of an entry that can be asked for."""
_TIME = {"type": "string", "format": "date-time"}


def _null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


_TEXT: dict[str, Any] = {"type": "string"}
_RECORDING = {
    "type": "object",
    "required": ["id", "call", "line", "state", "restricted", "created_at", "seconds", "purposes"],
    "properties": {
        "id": _TEXT,
        "call": _TEXT,
        "line": _TEXT,
        "state": {"type": "string", "enum": ["prepared", "capturing", "sealed", "erasing", "erased"]},
        "restricted": {"type": "boolean"},
        "created_at": _TIME,
        "ended_at": _null(_TIME),
        "seconds": {"type": "number"},
        "choice": _null(_TEXT),
        "purposes": {"type": "array", "items": _TEXT},
    },
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": sorted(properties), "properties": properties}


def _get(scope: Scope, says: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": says,
        "security": [{"token": [scope]}],
        "parameters": list(parameters),
        "responses": {
            "200": {"description": says, "content": {"application/json": {"schema": schema}}},
            **_REFUSALS,
        },
    }


def _post(scope: Scope, says: str, schema: dict[str, Any], reasons: list[str]) -> dict[str, Any]:
    body = _object(reason={"type": "string", "enum": reasons})
    return {
        **_get(scope, says, schema),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
    }


def _asked(name: str, schema: dict[str, Any] | None = None, *, needed: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": needed, "schema": schema or _TEXT}


_ERROR = {"description": "Refused", "content": {"application/json": {"schema": _object(error=_TEXT)}}}
_REFUSALS = {code: _ERROR for code in ("400", "401", "403", "404", "409", "410", "423", "503")}


def parameters(path: str) -> frozenset[str]:
    """Return what a path may be asked with, by name."""
    return frozenset(
        each["name"] for each in description()["paths"][path].get("get", {}).get("parameters", ())
    )


def description() -> dict[str, Any]:
    """Return the whole description."""
    audio = _get(Scope.LISTEN, "The sound, as WAV; ranges are answered", {"type": "string"})
    audio["parameters"] = [
        _asked("purpose", needed=True),
        _asked("reason", {"type": "string", "enum": list(Occasion)}, needed=True),
    ]
    audio["responses"]["200"]["content"] = {"audio/wav": {}}
    audio["responses"]["206"] = {"description": "A range of it", "content": {"audio/wav": {}}}
    audio["responses"]["416"] = {"description": "Beyond its end"}
    erased = _object(recording=_TEXT, result=_TEXT, ground=_null(_TEXT), until=_null(_TIME))
    entry = _object(seq={"type": "integer"}, at=_TIME, kind=_TEXT, payload={"type": ["object", "null"]})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "asterisk-gdpr",
            "version": "1",
            "description": "Recordings, their proof and their end, for programs. Numbers are in no answer.",
        },
        "servers": [{"url": "/api/v1"}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/openapi.json": {
                "get": {
                    "summary": "This description",
                    "responses": {"200": {"description": "It"}, "400": _ERROR},
                }
            },
            "/recordings": {
                "get": _get(
                    Scope.READ_RECORDINGS,
                    "Recordings, newest first",
                    _object(recordings={"type": "array", "items": _RECORDING}, after=_null(_TEXT)),
                    _asked("line"),
                    _asked("choice"),
                    _asked("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
                    _asked("after"),
                )
            },
            "/recordings/{recording}": {
                "parameters": [_ID],
                "get": _get(Scope.READ_RECORDINGS, "One recording", _RECORDING),
            },
            "/recordings/{recording}/proof": {
                "parameters": [_ID],
                "get": _get(
                    Scope.READ_RECORDINGS,
                    "Whether it is what was sealed",
                    _object(
                        recording=_TEXT,
                        unaltered={"type": "boolean"},
                        complete={"type": "boolean"},
                        segments={"type": "integer"},
                        reason=_null(_TEXT),
                    ),
                ),
            },
            "/recordings/{recording}/audio": {"parameters": [_ID], "get": audio},
            "/recordings/{recording}/restrict": {
                "parameters": [_ID],
                "post": _post(
                    Scope.DISPOSE,
                    "Nobody may listen any more",
                    _RECORDING,
                    ["accuracy", "unlawful", "claims", "objection"],
                ),
            },
            "/recordings/{recording}/erase": {
                "parameters": [_ID],
                "post": _post(
                    Scope.DISPOSE,
                    "Erase it; the answer says what came of it",
                    erased,
                    ["requested", "objected", "withdrawn", "unlawful", "test"],
                ),
            },
            "/ledger": {
                "get": _get(
                    Scope.READ_LEDGER,
                    "Entries of the ledger, newest first",
                    _object(entries={"type": "array", "items": entry}),
                    _asked("about"),
                    _asked("kind"),
                    _asked("before", {"type": "integer", "minimum": 1, "maximum": LAST}),
                )
            },
            "/status": {
                "get": _get(
                    Scope.READ_STATUS,
                    "How it goes",
                    _object(
                        unlocked={"type": "boolean"},
                        recordings={"type": "object"},
                        alarms={"type": "array", "items": _object(id=_TEXT, about=_TEXT, since=_TIME)},
                        switched_off={"type": "array", "items": _TEXT},
                    ),
                )
            },
        },
    }
