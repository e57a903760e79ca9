"""The rules for a pause: card data is said or keyed in, and nothing of it is captured.

An agent pauses and resumes by a key, or somebody by a command. Silence keeps the time line. A pause ends by
itself after the line's seconds, with a tone to the agents: they must know that they are recorded again.
"""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events, renewal
from asterisk_gdpr.core.call.gate import RUNNING, why
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Capture, Result, Signal
from asterisk_gdpr.core.line_rules import LineRules


def pause(rules: LineRules, call: Call, number: int) -> Step:
    """Capture nothing until somebody resumes, or the line's seconds are over."""
    if call.capture in (Capture.NONE, Capture.STOPPED) or not call.purposes:
        return call, (do.Report(number, Result.NOT_RECORDED),)
    if not rules.pause_limit:
        return call, (do.Report(number, Result.NOT_ALLOWED),)
    call = replace(call, paused=True, pausing=call.pausing + 1)
    mute: tuple[do.Effect, ...] = ()
    if call.capture in RUNNING:
        call, mute = replace(call, capture=Capture.MUTED), (do.MuteCapture(why(call)),)
    wait = do.EndPauseAfter(call.pausing, rules.pause_limit)
    return call, (*mute, wait, do.GiveSignal(Signal.PAUSED), do.Report(number, Result.PAUSED))


def resume(call: Call, number: int) -> Step:
    """Capture again, if nothing else stands against it."""
    if not call.paused:
        return call, (do.Report(number, Result.NOT_PAUSED),)
    call, effects = _resumed(call)
    return call, (*effects, do.Report(number, Result.RESUMED))


def ended(_rules: LineRules, call: Call, event: events.PauseEnded) -> Step:
    """Nobody resumed: whoever forgot it is told by the tone."""
    if not call.paused or event.pausing != call.pausing:
        return call, ()
    return _resumed(call)


def _resumed(call: Call) -> Step:
    call, effects = renewal.renewed_or_gated(replace(call, paused=False))
    if call.capture is Capture.MUTED and not effects:
        effects = (do.MuteCapture(why(call)),)  # muted as before, and no longer for the pause
    return call, (do.GiveSignal(Signal.RESUMED), *effects)
