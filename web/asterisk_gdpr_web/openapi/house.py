"""The description of how it goes, for programs: status, alarms, findings, keys and ledger."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.service.metrics import TYPE
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.openapi.parts import (
    COUNT,
    TEXT,
    TIME,
    YES,
    asked,
    get,
    list_of,
    null,
    plain,
    post,
    thing,
    words,
)

LAST = 10**15 - 1
"""The highest number of an entry that can be asked for."""


def paths() -> dict[str, Any]:
    """Return them."""
    alarm = {"id": TEXT, "about": TEXT, "since": TIME}
    seen = thing(**alarm, message=TEXT, seen_to_at=null(TIME), seen_to_by=null(TEXT))
    entry = thing(seq=COUNT, at=TIME, kind=TEXT, payload={"type": ["object", "null"]})
    epoch = thing(
        epoch=TEXT,
        algorithm=TEXT,
        began_at=TIME,
        ended_at=null(TIME),
        destroyed_at=null(TIME),
        sealed=COUNT,
        escrow_copy=YES,
    )
    return {
        "/status": {
            "get": get(
                Scope.READ_STATUS,
                "How it goes",
                thing(
                    unlocked=YES,
                    recordings={"type": "object"},
                    alarms=list_of(thing(**alarm)),
                    switched_off=list_of(TEXT),
                ),
            )
        },
        "/metrics": {"get": plain(get(Scope.READ_STATUS, "How it goes, as Prometheus reads it", TEXT), TYPE)},
        "/alarms": {
            "get": get(
                Scope.READ_STATUS,
                "Alarms that stand, the loudest first, and who looks after them",
                thing(alarms=list_of(seen)),
            )
        },
        "/alarms/see-to": {
            "post": post(
                Scope.SEE_TO,
                "Say that somebody looks after an alarm, which ends nothing",
                seen,
                thing(id=words(64, 1), about=words(200)),
            )
        },
        "/findings": {
            "get": get(
                Scope.READ_STATUS,
                "What `asterisk-gdpr check` says now",
                thing(ok=YES, findings=list_of(thing(id=TEXT, severity=TEXT, message=TEXT, hint=TEXT))),
            )
        },
        "/keys": {
            "get": get(
                Scope.READ_STATUS,
                "The vault: unlocked or not, its key pairs, their escrow copies, and the room that is left",
                thing(
                    unlocked=YES,
                    epochs=list_of(epoch),
                    escrow_tried_at=null(TIME),
                    rooms={"type": "object", "additionalProperties": COUNT},
                ),
            )
        },
        "/keys/lock": {
            "post": post(
                Scope.LOCK,
                "Forget the vault's private key until a person unlocks it",
                thing(unlocked=YES),
                None,
            )
        },
        "/ledger": {
            "get": get(
                Scope.READ_LEDGER,
                "Entries of the ledger, newest first",
                thing(entries=list_of(entry), before=null(COUNT)),
                asked("about"),
                asked("kind"),
                asked("since", TIME),
                asked("until", TIME),
                asked("before", {"type": "integer", "minimum": 1, "maximum": LAST}),
            )
        },
        "/ledger/verify": {
            "post": post(
                Scope.READ_LEDGER,
                "Go along the whole chain, and say whether every link fits",
                thing(
                    ok=YES,
                    seq=COUNT,
                    reason=null(TEXT),
                    erased={"type": "object", "additionalProperties": COUNT},
                ),
                None,
            )
        },
    }
