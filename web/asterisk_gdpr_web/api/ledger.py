"""For programs: the ledger, searched and verified."""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify, request

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Looked
from asterisk_gdpr_web.api.door import MOST, guarded, page
from asterisk_gdpr_web.api.fit import misfit
from asterisk_gdpr_web.openapi.house import LAST
from asterisk_gdpr_web.openapi.parts import TIME
from asterisk_gdpr_web.pages.ledger import verified
from asterisk_gdpr_web.settings import services


@page.get("/ledger")
@guarded
def ledger() -> Response:
    """List entries of the ledger, newest first."""
    before = request.args.get("before")
    if before is not None and not (before.isdecimal() and before.isascii() and 0 < int(before[:17]) <= LAST):
        raise Refused("An entry has a number.", id="bad-number")
    about = request.args.get("about", "")
    entries = services().register.look_up(
        Looked(
            about=(about,) if about else (),
            kind=request.args.get("kind", ""),
            since=_time("since"),
            until=_time("until"),
            before=int(before) if before else None,
            limit=MOST,
        )
    )
    return jsonify(
        {
            "entries": [
                {
                    "seq": entry.seq,
                    "at": to_text(entry.at),
                    "kind": entry.kind,
                    "payload": None if entry.payload is None else dict(entry.payload),
                }
                for entry in entries
            ],
            "before": entries[-1].seq if len(entries) == MOST else None,
        }
    )


@page.post("/ledger/verify")
@guarded
def verify_ledger() -> Response:
    """Say whether every link fits; `seq` is the first entry that is wrong, or the last one."""
    verdict = verified()
    return jsonify(
        {
            "ok": verdict.ok,
            "seq": verdict.seq,
            "reason": verdict.reason or None,
            "erased": dict(verdict.erased),
        }
    )


def _time(name: str) -> datetime | None:
    said = request.args.get(name)
    if said is None:
        return None
    if wrong := misfit(TIME, said, name):
        raise Refused(f"This is no time: {wrong}.", id="bad-time")
    return datetime.fromisoformat(said)
