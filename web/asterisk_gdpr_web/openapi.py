"""The description of the interface for programs, in OpenAPI 3.1; a test holds it against the routes."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.service.metrics import TYPE
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web import openapi_calls, openapi_reviews
from asterisk_gdpr_web.openapi_parts import (
    ERROR,
    TEXT,
    TIME,
    asked,
    audio,
    get,
    id_in_path,
    list_of,
    null,
    plain,
    post,
    thing,
)

_ID = id_in_path("recording")
LAST = 10**15 - 1
"""The highest number of an entry that can be asked for."""
_RECORDING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "call", "line", "state", "restricted", "created_at", "seconds", "purposes"],
    "properties": {
        "id": TEXT,
        "call": TEXT,
        "line": TEXT,
        "state": {"type": "string", "enum": ["prepared", "capturing", "sealed", "erasing", "erased"]},
        "restricted": {"type": "boolean"},
        "created_at": TIME,
        "ended_at": null(TIME),
        "seconds": {"type": "number"},
        "choice": null(TEXT),
        "purposes": list_of(TEXT),
    },
}


_ONE = {
    **_RECORDING,
    "required": [*_RECORDING["required"], "queues"],
    "properties": {**_RECORDING["properties"], "queues": list_of(TEXT)},
}
"""One by itself, with what the list leaves out."""


def _for(reasons: list[str]) -> dict[str, Any]:
    return thing(reason={"type": "string", "enum": reasons})


def parameters(path: str) -> frozenset[str]:
    """Return what a path may be asked with, by name."""
    return frozenset(
        each["name"] for each in description()["paths"][path].get("get", {}).get("parameters", ())
    )


def description() -> dict[str, Any]:
    """Return the whole description."""
    sound = audio(
        get(
            Scope.LISTEN,
            "The sound, as WAV; ranges are answered",
            TEXT,
            asked("purpose", needed=True),
            asked("reason", {"type": "string", "enum": list(Occasion)}, needed=True),
        )
    )
    erased = thing(recording=TEXT, result=TEXT, ground=null(TEXT), until=null(TIME))
    entry = thing(seq={"type": "integer"}, at=TIME, kind=TEXT, payload={"type": ["object", "null"]})
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
                    "responses": {"200": {"description": "It"}, "400": ERROR},
                }
            },
            "/recordings": {
                "get": get(
                    Scope.READ_RECORDINGS,
                    "Recordings, newest first",
                    thing(recordings=list_of(_RECORDING), after=null(TEXT)),
                    asked("line"),
                    asked("choice"),
                    asked("queue"),
                    asked("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
                    asked("after"),
                )
            },
            "/recordings/{recording}": {
                "parameters": [_ID],
                "get": get(Scope.READ_RECORDINGS, "One recording", _ONE),
            },
            "/recordings/{recording}/proof": {
                "parameters": [_ID],
                "get": get(
                    Scope.READ_RECORDINGS,
                    "Whether it is what was sealed",
                    thing(
                        recording=TEXT,
                        unaltered={"type": "boolean"},
                        complete={"type": "boolean"},
                        segments={"type": "integer"},
                        reason=null(TEXT),
                    ),
                ),
            },
            "/recordings/{recording}/audio": {"parameters": [_ID], "get": sound},
            "/recordings/{recording}/restrict": {
                "parameters": [_ID],
                "post": post(
                    Scope.DISPOSE,
                    "Nobody may listen any more",
                    _RECORDING,
                    _for(["accuracy", "unlawful", "claims", "objection"]),
                ),
            },
            "/recordings/{recording}/erase": {
                "parameters": [_ID],
                "post": post(
                    Scope.DISPOSE,
                    "Erase it; the answer says what came of it",
                    erased,
                    _for(["requested", "objected", "withdrawn", "unlawful", "test"]),
                ),
            },
            "/ledger": {
                "get": get(
                    Scope.READ_LEDGER,
                    "Entries of the ledger, newest first",
                    thing(entries=list_of(entry)),
                    asked("about"),
                    asked("kind"),
                    asked("before", {"type": "integer", "minimum": 1, "maximum": LAST}),
                )
            },
            "/metrics": {
                "get": plain(get(Scope.READ_STATUS, "How it goes, as Prometheus reads it", TEXT), TYPE)
            },
            "/status": {
                "get": get(
                    Scope.READ_STATUS,
                    "How it goes",
                    thing(
                        unlocked={"type": "boolean"},
                        recordings={"type": "object"},
                        alarms=list_of(thing(id=TEXT, about=TEXT, since=TIME)),
                        switched_off=list_of(TEXT),
                    ),
                )
            },
            **openapi_calls.paths(),
            **openapi_reviews.paths(),
        },
    }
