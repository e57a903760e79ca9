"""The rules for the tone that both sides hear while they are recorded, where the line asks for it.

It begins with the recording, and comes again for as long as capture is open; a capture that is muted for a
while is silent about it, and says so anew when it opens.
"""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Capture
from asterisk_gdpr.core.line_rules import LineRules


def opened(rules: LineRules, before: Call, step: Step) -> Step:
    """The step, with the first tone of a capture that it has opened."""
    call, effects = step
    if not rules.beep or call.capture is not Capture.OPEN or before.capture is Capture.OPEN:
        return step
    call, beeping = _beep(rules, call)
    return call, (*effects, *beeping)


def due(rules: LineRules, call: Call, event: events.BeepDue) -> Step:
    """The next tone, while it is true."""
    if event.beeping != call.beeping or call.capture is not Capture.OPEN:
        return call, ()
    return _beep(rules, call)


def _beep(rules: LineRules, call: Call) -> Step:
    call = replace(call, beeping=call.beeping + 1)
    return call, (do.Beep(), do.BeepAfter(call.beeping, rules.beep))
