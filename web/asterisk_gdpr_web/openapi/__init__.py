"""The description of the interface for programs, in OpenAPI 3.1: tests hold it against the routes.

It is also the rule: what a request may be asked with, and what is sent in it, is looked up here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from asterisk_gdpr_web.openapi import calls, house, offices, people, recordings, requests, reviews, rules
from asterisk_gdpr_web.openapi.parts import ERROR

_ROOMS = (recordings, calls, reviews, requests, offices, people, rules, house)


@cache
def description() -> dict[str, Any]:
    """Return the whole description; whoever gets it changes nothing of it."""
    paths: dict[str, Any] = {
        "/openapi.json": {
            "get": {
                "summary": "This description",
                "operationId": "described",
                "responses": {"200": {"description": "It"}, "400": ERROR},
            }
        },
    }
    for room in _ROOMS:
        paths |= room.paths()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "asterisk-gdpr",
            "version": "1",
            "description": "Recordings, their proof, their end and the offices, for programs. "
            "Numbers are in no answer and in no address.",
        },
        "servers": [{"url": "/api/v1"}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": paths,
    }


def parameters(path: str, method: str) -> dict[str, dict[str, Any]]:
    """Return what a path may be asked with behind the question mark: what each may be, by name."""
    described = _operation(path, method).get("parameters", ())
    return {each["name"]: each["schema"] for each in described if each["in"] == "query"}


def body_of(path: str, method: str) -> dict[str, Any] | None:
    """Return what the JSON that is sent must be; None where nothing is sent."""
    wanted = _operation(path, method).get("requestBody")
    if wanted is None:
        return None
    schema: dict[str, Any] = wanted["content"]["application/json"]["schema"]
    return schema


def _operation(path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = description()["paths"][path].get(method.lower(), {})
    return found
