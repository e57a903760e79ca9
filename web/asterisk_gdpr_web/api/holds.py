"""For programs: holds, placed by a case system, say, over recordings that it has found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, jsonify, request

from asterisk_gdpr.core.holds import Hold, HoldGround
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.api.door import body, guarded, page, paged
from asterisk_gdpr_web.api.once import once, same
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.holds import end
from asterisk_gdpr_web.pages.recording import named
from asterisk_gdpr_web.pages.recordings import midnight
from asterisk_gdpr_web.settings import services


@page.get("/holds")
@guarded
def holds() -> Response:
    """List them, with what they hold."""
    listed = services().register.holds(ended=request.args.get("status") == "all")
    found, after = paged(listed, lambda each: each.id)
    return jsonify({"holds": [_told(each) for each in found], "after": after})


@page.post("/holds")
@guarded
def place_hold() -> Response:
    """Hold recordings to the end of a day; sent again under the same key it is the same hold."""
    sent = body()
    ground, until = HoldGround(sent["ground"]), midnight(sent["until"], timedelta(days=1))[0]
    wanted = set(sent["recordings"])
    with once("h") as id:
        made = _there(id)
        if made is None:
            made = services().office.holds.place(
                named(sorted(wanted)),
                case=sent["case"],
                ground=ground,
                why=sent["why"],
                by=person().name,
                until=until or services().clock.now(),
                listeners=frozenset(sent.get("listeners", ())),
                id=id,
            )
        held = set(services().register.recordings_held(made.id))
        same((made.case, made.ground, made.until, held), (sent["case"].strip(), ground, until, wanted))
    return jsonify(_told(made))


@page.post("/holds/<hold>/lift")
@guarded
def lift_hold(hold: str) -> Response:
    """End one before its day."""
    end(hold)
    return jsonify(_told(services().register.hold(hold)))


def _there(id: str) -> Hold | None:
    """What an earlier request under the same key has placed."""
    try:
        return services().register.hold(id) if id else None
    except Refused:
        return None


def _told(hold: Hold) -> dict[str, Any]:
    return {
        "hold": hold.id,
        "case": hold.case,
        "ground": hold.ground,
        "why": hold.why,
        "by": hold.by,
        "listeners": sorted(hold.listeners),
        "recordings": services().register.recordings_held(hold.id),
        "placed_at": to_text(hold.placed_at),
        "until": to_text(hold.until),
        "ended_at": to_text(hold.ended_at) if hold.ended_at else None,
    }
