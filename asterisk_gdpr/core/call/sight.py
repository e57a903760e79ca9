"""The rules for a talk that nobody watches for a while."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.gate import gate
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Capture, MuteReason, Phase
from asterisk_gdpr.core.line_rules import LineRules


def lost(_rules: LineRules, call: Call, _event: events.SightLost) -> Step:
    """Nothing opens any more; what is open cannot be muted now, so what it captures is in doubt."""
    open_now = call.capture is Capture.OPEN
    return replace(call, unwatched=True, doubtful=call.doubtful or open_now), ()


def regained(_rules: LineRules, call: Call, event: events.SightRegained) -> Step:
    """What was captured meanwhile counts only if nothing can have changed; else it is silence."""
    if not call.unwatched:
        return call, ()
    doubt = call.doubtful and not event.same
    call = replace(call, unwatched=False, doubtful=False)
    effects: tuple[do.Effect, ...] = ()
    if doubt and call.capture is Capture.OPEN:
        call, effects = replace(call, capture=Capture.MUTED), (do.MuteCapture(MuteReason.UNWATCHED),)
    if doubt:
        effects = (*effects, do.Silence())
    call, opening = gate(call) if call.phase is Phase.PASSED else (call, ())
    return call, (*effects, *opening)
