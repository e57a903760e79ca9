"""The description of what programs may do about the call that their person is in."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.core.call.now import Because, Light
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.openapi.parts import TEXT, TIME, get, id_in_path, list_of, null, post, thing
from asterisk_gdpr_web.own_calls import LONGEST_MARK, VERBS

_CALL = id_in_path("call")


def paths() -> dict[str, Any]:
    """Return them."""
    call = thing(
        call=TEXT,
        line=TEXT,
        arrived_at=TIME,
        choice=null(TEXT),
        recording=null(TEXT),
        light={"type": "string", "enum": [str(light) for light in Light]},
        because={"type": "string", "enum": [str(because) for because in Because]},
    )
    return {
        "/calls": {"get": get(Scope.STEER, "The calls that one is in now", thing(calls=list_of(call)))},
        "/calls/{call}/set": {
            "parameters": [_CALL],
            "post": post(
                Scope.STEER,
                "Pause, resume, or stop and destroy; the answer says what came of it",
                thing(call=TEXT, outcome=TEXT),
                thing(do={"type": "string", "enum": sorted(VERBS)}),
            ),
        },
        "/calls/{call}/marks": {
            "parameters": [_CALL],
            "post": post(
                Scope.STEER,
                "Mark this moment",
                thing(recording=TEXT, mark=TEXT, seconds={"type": "number"}),
                thing({"text": {"type": "string", "maxLength": LONGEST_MARK}}),
            ),
        },
        "/calls/{call}/reference": {
            "parameters": [_CALL],
            "post": post(
                Scope.STEER,
                "Write down what a ticket or a customer is called; it is kept as a keyed hash",
                thing(call=TEXT),
                thing(reference=TEXT),
            ),
        },
    }
