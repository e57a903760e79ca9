"""The description of data subjects' requests for programs, from their opening to their answer."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.core.requests import Identity, Refusal, Right, Status, Voices
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.openapi.parts import (
    COUNT,
    ID,
    ONCE,
    PAGING,
    SEALED_FOR,
    TEXT,
    TIME,
    age_file,
    asked,
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
from asterisk_gdpr_web.openapi.recordings import NAMED

_ID = id_in_path("request")
_RESULT = thing(recording=TEXT, result=TEXT, ground=null(TEXT), until=null(TIME))
_REQUEST = {
    "request": TEXT,
    "right": one_of(Right),
    "status": one_of(Status),
    "received_at": TIME,
    "answer_by": TIME,
    "days_left": null(COUNT),
    "language": TEXT,
    "identity": null(TEXT),
    "assigned_to": null(TEXT),
    "extended_at": null(TIME),
    "closed_at": null(TIME),
    "refusal": null(TEXT),
    "results": list_of(_RESULT),
}


def paths() -> dict[str, Any]:
    """Return them."""
    request = thing(**_REQUEST)
    planned = thing(**_REQUEST, plan=list_of(_RESULT))
    answered = thing(**_REQUEST, letter=null(TEXT))
    opened = thing(
        {
            **{name: NAMED[name] for name in ("number", "receipt", "reference")},
            "recordings": {**list_of(ID), "maxItems": 200},
            "purposes": {**list_of(words(64, 1)), "maxItems": 50},
            "received_at": TIME,
            "language": words(8, 2),
            "contact": words(500),
            "asked": words(4000),
        },
        right=one_of(Right),
    )
    wish = thing({"text": words(4000), "ground": one_of(RestrictionGround)})
    copies = thing(SEALED_FOR, voices=one_of(Voices))

    def step(says: str, schema: dict[str, Any], body: dict[str, Any] | None) -> dict[str, Any]:
        return {"parameters": [_ID], "post": post(Scope.ANSWER_REQUESTS, says, schema, body)}

    return {
        "/requests": {
            "get": get(
                Scope.READ_REQUESTS,
                "Requests, those that are due first",
                page_of("requests", request),
                asked("status", one_of(("open", "all"))),
                *PAGING,
            ),
            "post": post(
                Scope.OPEN_REQUESTS,
                "Take a request of a data subject: its month begins; nothing is done yet",
                request,
                opened,
                ONCE,
            ),
        },
        "/requests/{request}": {
            "parameters": [_ID],
            "get": get(Scope.READ_REQUESTS, "One request, and what carrying it out would come to", planned),
        },
        "/requests/{request}/identify": step(
            "Note how it was made sure who asks", request, thing(how=one_of(Identity))
        ),
        "/requests/{request}/assign": step(
            "Give it to somebody who answers requests", request, thing(to=words(64, 1))
        ),
        "/requests/{request}/extend": step(
            "Take two more months; the person must be told of it", request, thing(why=words(500, 1))
        ),
        "/requests/{request}/package": {
            "parameters": [_ID],
            "post": age_file(
                post(
                    Scope.ANSWER_REQUESTS,
                    "The copies, as one age file, for a recipient or under a passphrase",
                    TEXT,
                    copies,
                )
            ),
        },
        "/requests/{request}/fulfil": step(
            "Carry it out; with its letter, once, when nothing of it is left", answered, wish
        ),
        "/requests/{request}/refuse": step(
            "Refuse it as a whole, with its letter, once", answered, thing(reason=one_of(Refusal))
        ),
    }
