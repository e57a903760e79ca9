"""For programs that watch: status, metrics, alarms, and what the system check finds."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.ports import Alarm
from asterisk_gdpr.service.checks.finding import bad
from asterisk_gdpr.service.metrics import TYPE
from asterisk_gdpr.service.metrics import metrics as gauges
from asterisk_gdpr_web.api.door import body, guarded, page
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.today import loudest_first
from asterisk_gdpr_web.settings import services, settings


@page.get("/status")
@guarded
def status() -> Response:
    """Tell how it goes: alarms, recordings by state, whether the vault is unlocked."""
    register = services().register
    return jsonify(
        {
            "unlocked": services().keeper.unlocked,
            "recordings": {str(state): count for state, count in register.count_recordings().items()},
            "alarms": [
                {"id": alarm.id, "about": alarm.about, "since": to_text(alarm.since)}
                for alarm in register.alarms()
            ],
            "switched_off": sorted(line for line, on in register.switches().items() if not on),
        }
    )


@page.get("/metrics")
@guarded
def metrics() -> Response:
    """Tell the same and more as numbers, in the text that Prometheus reads."""
    register, now = services().register, services().clock.now()
    told = gauges(register, now, settings().zone, person().lines)
    return Response(told, content_type=TYPE)


@page.get("/alarms")
@guarded
def alarms() -> Response:
    """List those that stand, with what each means."""
    return jsonify({"alarms": [_told(each) for each in loudest_first()]})


@page.post("/alarms/see-to")
@guarded
def see_to() -> Response:
    """Say that somebody looks after one."""
    sent, register = body(), services().register
    register.see_to(sent["id"], sent["about"], person().name, services().clock.now())
    seen = next(a for a in register.alarms() if (a.id, a.about) == (sent["id"], sent["about"]))
    return jsonify(_told(seen))


@page.get("/findings")
@guarded
def findings() -> Response:
    """Say what the system check finds now."""
    found = services().office.check()
    return jsonify(
        {
            "ok": not bad(found),
            "findings": [
                {"id": each.id, "severity": each.severity, "message": each.message, "hint": each.hint}
                for each in found
            ],
        }
    )


def _told(alarm: Alarm) -> dict[str, Any]:
    return {
        "id": alarm.id,
        "about": alarm.about,
        "since": to_text(alarm.since),
        "message": alarm.message,
        "seen_to_at": to_text(alarm.seen_to_at) if alarm.seen_to_at else None,
        "seen_to_by": alarm.seen_to_by or None,
    }
