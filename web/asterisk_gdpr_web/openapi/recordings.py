"""The description of recordings for programs: found, proven, heard, restricted, erased."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.core.recording import Occasion, State
from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.handing_out import FORMS
from asterisk_gdpr_web.openapi.parts import (
    COUNT,
    ID,
    NUMBER,
    PAGING,
    SEALED_FOR,
    TEXT,
    TIME,
    YES,
    age_file,
    asked,
    audio,
    get,
    id_in_path,
    list_of,
    null,
    one_of,
    page_of,
    post,
    thing,
    words,
)
from asterisk_gdpr_web.pages.disposal import ERASED_FOR

_ID = id_in_path("recording")
RECORDING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "call", "line", "state", "restricted", "created_at", "seconds", "purposes"],
    "properties": {
        "id": TEXT,
        "call": TEXT,
        "line": TEXT,
        "state": one_of(State),
        "restricted": YES,
        "created_at": TIME,
        "ended_at": null(TIME),
        "seconds": {"type": "number"},
        "choice": null(TEXT),
        "purposes": list_of(TEXT),
    },
}
_ONE = {
    **RECORDING,
    "required": [*RECORDING["required"], "queues"],
    "properties": {**RECORDING["properties"], "queues": list_of(TEXT)},
}
"""One by itself, with what the list leaves out."""
NAMED = {
    "number": NUMBER,
    "receipt": words(20, 1),
    "reference": words(64, 1),
    "agent": ID,
    "call": words(80, 1),
    "line": words(64, 1),
    "since": TIME,
    "until": TIME,
}
"""By what recordings are found; what is said narrows. `call` is ours, or Asterisk's uniqueid or linkedid."""


def paths() -> dict[str, Any]:
    """Return them."""
    sound = audio(
        get(
            Scope.LISTEN,
            "The sound, as WAV; ranges are answered",
            TEXT,
            asked("purpose", needed=True),
            asked("reason", one_of(Occasion), needed=True),
        )
    )
    searched = thing({**NAMED, "limit": {"type": "integer", "minimum": 1, "maximum": 100}, "after": ID})
    proven = thing(recording=TEXT, unaltered=YES, complete=YES, segments=COUNT, reason=null(TEXT))
    erased = thing(recording=TEXT, result=TEXT, ground=null(TEXT), until=null(TIME))
    return {
        "/recordings": {
            "get": get(
                Scope.READ_RECORDINGS,
                "Recordings, newest first",
                page_of("recordings", RECORDING),
                asked("line"),
                asked("choice"),
                asked("queue"),
                *PAGING,
            )
        },
        "/recordings/search": {
            "post": post(
                Scope.READ_RECORDINGS,
                "Recordings by number, code, reference, agent, call, line and time; what is said narrows",
                page_of("recordings", RECORDING),
                searched,
            )
        },
        "/recordings/{recording}": {
            "parameters": [_ID],
            "get": get(Scope.READ_RECORDINGS, "One recording", _ONE),
        },
        "/recordings/{recording}/proof": {
            "parameters": [_ID],
            "get": get(Scope.READ_RECORDINGS, "Whether it is what was sealed", proven),
        },
        "/recordings/{recording}/audio": {"parameters": [_ID], "get": sound},
        "/recordings/{recording}/reference": {
            "parameters": [_ID],
            "post": post(
                Scope.REFER,
                "Write down what another system calls its call; it is kept as a keyed hash",
                thing(recording=TEXT),
                thing(reference=words(64, 1)),
            ),
        },
        "/recordings/{recording}/export": {
            "parameters": [_ID],
            "post": age_file(
                post(
                    Scope.EXPORT,
                    "The sound with cover sheet, evidence and sealed container, as one age file",
                    TEXT,
                    thing(
                        {**SEALED_FOR, "format": one_of(FORMS), "for": words(200)},
                        reason=one_of(Occasion),
                        voices=one_of(Voices),
                    ),
                )
            ),
        },
        "/recordings/{recording}/restrict": {
            "parameters": [_ID],
            "post": post(
                Scope.DISPOSE,
                "Nobody may listen any more",
                RECORDING,
                thing(reason=one_of(RestrictionGround)),
            ),
        },
        "/recordings/{recording}/erase": {
            "parameters": [_ID],
            "post": post(
                Scope.DISPOSE,
                "Erase it; the answer says what came of it",
                erased,
                thing(reason=one_of(ERASED_FOR)),
            ),
        },
    }
