"""For programs: lines with their rules, explained, switched off and on."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from asterisk_gdpr.core.policy import Line
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.metrics import EVERYTHING
from asterisk_gdpr_web.api.door import body, guarded, page
from asterisk_gdpr_web.pages.lines import turn
from asterisk_gdpr_web.settings import services


@page.get("/lines")
@guarded
def lines() -> Response:
    """List them, as the policy in force has them."""
    policy, off = services().policy(), {name for name, on in services().register.switches().items() if not on}
    told = [_told(line, line.name in off) for _, line in sorted(policy.lines.items())]
    return jsonify({"lines": told, "policy": policy.version, "everything_off": EVERYTHING in off})


@page.post("/lines/explain")
@guarded
def explain() -> Response:
    """Say what would happen to a call, and why."""
    sent = body()
    if sent["line"] not in services().policy().lines:
        raise Refused("There is no such line.", id="no-such-line")
    explained = services().office.explain(sent["line"], sent.get("caller"))
    return jsonify(
        {
            "line": explained.line,
            "outcomes": list(explained.outcomes),
            "steps": [
                {
                    "asks": step.asks,
                    "answer": step.answer,
                    "because": step.because,
                    "outcome": step.outcome,
                }
                for step in explained.steps
            ],
        }
    )


@page.post("/lines/switch")
@guarded
def switch() -> Response:
    """Switch one, or everything, off or on."""
    sent = body()
    turn(sent["line"], sent["on"])
    return jsonify({"line": sent["line"], "on": sent["on"]})


def _told(line: Line, off: bool) -> dict[str, Any]:
    return {
        "line": line.name,
        "exempt": line.exempt,
        "mode": line.mode,
        "switched_off": off,
        "purposes": list(line.purposes),
        "permission": line.permission,
        "languages": list(line.languages),
    }
