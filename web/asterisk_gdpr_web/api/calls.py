"""For programs: the call that their person is in, steered as on the strip, by the same commands."""

from __future__ import annotations

from flask import Response, jsonify

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr_web import own_calls as own
from asterisk_gdpr_web.api.door import body, guarded, page


@page.get("/calls")
@guarded
def own_calls() -> Response:
    """List the calls that the token's person is in now."""
    return jsonify(
        {
            "calls": [
                {
                    "call": each.call.id,
                    "line": each.call.line,
                    "arrived_at": to_text(each.call.arrived_at),
                    "choice": each.call.choice,
                    "recording": each.call.recording,
                    "light": each.light,
                    "because": each.because,
                }
                for each in own.own_calls()
            ]
        }
    )


@page.post("/calls/<call>/set")
@guarded
def steer(call: str) -> Response:
    """Pause, resume, or stop and destroy; waits for the daemon, and says what came of it."""
    return jsonify({"call": call, "outcome": own.steer(call, own.VERBS[body()["do"]])})


@page.post("/calls/<call>/marks")
@guarded
def mark(call: str) -> Response:
    """Mark this moment, or a few seconds before."""
    made = own.mark(call, body().get("text", ""))
    return jsonify({"recording": made.recording, "mark": made.id, "seconds": made.at_ms / 1000})


@page.post("/calls/<call>/reference")
@guarded
def refer(call: str) -> Response:
    """Write down what a customer or a ticket is called."""
    own.refer(call, body()["reference"])
    return jsonify({"call": call})
