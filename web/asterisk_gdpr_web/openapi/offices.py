"""The description of holds and of the never list for programs."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.openapi.parts import (
    COUNT,
    DAY,
    ID,
    NUMBER,
    ONCE,
    PAGING,
    TEXT,
    TIME,
    YES,
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

_HOLD, _ENTRY = id_in_path("hold"), id_in_path("entry")


def paths() -> dict[str, Any]:
    """Return them."""
    hold = thing(
        hold=TEXT,
        case=TEXT,
        ground=one_of(HoldGround),
        why=TEXT,
        by=TEXT,
        listeners=list_of(TEXT),
        recordings=list_of(TEXT),
        placed_at=TIME,
        until=TIME,
        ended_at=null(TIME),
    )
    placed = thing(
        {"listeners": {**list_of(words(64, 1)), "maxItems": 20}},
        recordings={**list_of(ID), "minItems": 1, "maxItems": 200},
        case=words(64, 1),
        ground=one_of(HoldGround),
        why=words(500, 1),
        until=DAY,
    )
    entry = thing(
        entry=TEXT, line=null(TEXT), by=TEXT, added_at=TIME, review_at=TIME, ends_at=null(TIME), due=YES
    )
    added = thing({"line": words(64, 1)}, number=NUMBER, review=DAY)
    return {
        "/holds": {
            "get": get(
                Scope.READ_HOLDS,
                "Holds, with what they hold",
                page_of("holds", hold),
                asked("status", one_of(("standing", "all"))),
                *PAGING,
            ),
            "post": post(
                Scope.HOLD,
                "Suspend the erasure of recordings, for a case, to the end of a day",
                hold,
                placed,
                ONCE,
            ),
        },
        "/holds/{hold}/lift": {
            "parameters": [_HOLD],
            "post": post(Scope.HOLD, "End it before its day", hold, None),
        },
        "/never": {
            "get": get(
                Scope.READ_NEVER,
                "Entries of the never list, first those that are to be looked at; of none its number",
                page_of("entries", entry),
                *PAGING,
            ),
            "post": post(
                Scope.NEVER,
                "Never record a number, on a line or on all; once more is the same entry",
                entry,
                added,
            ),
        },
        "/never/{entry}/review": {
            "parameters": [_ENTRY],
            "post": post(
                Scope.NEVER,
                "Somebody has looked at it, and will again on that day",
                entry,
                thing(review=DAY),
            ),
        },
        "/never/{entry}/remove": {
            "parameters": [_ENTRY],
            "post": post(Scope.NEVER, "Take an entry off", thing(entry=TEXT), None),
        },
        "/never/remove": {
            "post": post(
                Scope.NEVER,
                "Take a number off, wherever it stands; says from how many lines",
                thing(removed=COUNT),
                thing(number=NUMBER),
            )
        },
    }
