"""The rules for capture that starts in the middle of a talk: anew for a new party, or because of `*4`.

Debian's Asterisk drops frames whose sequence numbers look late, as those of a new party do about half of
the time; so a new party may be missing from a MixMonitor that somebody else was heard by (`worn`). The cure
is to stop it, wait a little, and start it anew as another stretch: at once when a party leaves, so that
nothing is lost while the next one rings, else when the next one joins. In early media the first party is
a new one, too. Never while it is paused: what is started in a living bridge can take a frame before it is
muted.
"""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.gate import RUNNING, gate, tell
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Capture, Part, Party
from asterisk_gdpr.core.line_rules import LineRules


def joined_and_left(call: Call, before: tuple[Party, ...]) -> Call:
    """The call, marked when what captures it was worn by others than those who are there now."""
    known = {party.channel for party in before}
    new = any(party.channel not in known for party in call.parties)
    gone = bool(before) and not call.parties
    overdue = call.overdue or (call.worn and (new or gone))
    return replace(call, overdue=overdue, worn=call.worn or bool(call.parties))


def renewed_or_gated(call: Call) -> Step:
    """Start the capture anew if it must be, else open or close it as the call now is."""
    cleared = all(party.cleared for party in call.parties)
    if call.overdue and call.capture in RUNNING and call.purposes and cleared and not call.paused:
        fresh = replace(call, capture=Capture.RENEWING, overdue=False, worn=False)
        return fresh, (do.RenewCapture(),)
    return gate(call)


def stretch_ready(_rules: LineRules, call: Call, _event: events.StretchReady) -> Step:
    """The next legs are there; whatever came of the call meanwhile decides."""
    if call.capture is not Capture.RENEWING:
        return call, ()
    # Before it starts, paused or with somebody new, nobody is worn yet.
    fresh = replace(call, capture=Capture.STARTING, renewing=True, worn=bool(call.parties), overdue=False)
    return fresh, (do.StartCapture(),)


def prepared(_rules: LineRules, call: Call, _event: events.RecordingPrepared) -> Step:
    """The key was made for a caller who agreed later; or too late for anything to come of it."""
    if call.capture is not Capture.PREPARING or not call.purposes:
        return call, (do.Abandon(),)
    return replace(call, capture=Capture.STARTING, worn=bool(call.parties)), (do.StartCapture(),)


def not_prepared(_rules: LineRules, call: Call, _event: events.RecordingNotPrepared) -> Step:
    """Without a key nothing is captured for a caller who agreed later."""
    if call.capture is not Capture.PREPARING:
        return call, ()
    alarm = do.RaiseAlarm("recording-not-prepared")
    return replace(call, capture=Capture.STOPPED, purposes=frozenset()), (alarm,)


def started(_rules: LineRules, call: Call, _event: events.CaptureStarted) -> Step:
    """It runs, muted; one that nobody wants any more is ended."""
    if call.capture is not Capture.STARTING or not call.purposes:
        late = (do.StopCapture(),) if call.renewing else (do.StopCapture(), do.Abandon())
        capture = Capture.STOPPED if call.capture is Capture.STARTING else call.capture
        return replace(call, capture=capture, renewing=False), late
    told: tuple[do.Effect, ...] = ()
    if not call.renewing:
        call, told = tell(call, Part.AGREED)
    call, effects = renewed_or_gated(replace(call, capture=Capture.MUTED, renewing=False))
    return call, (*effects, *told)


def failed(_rules: LineRules, call: Call, _event: events.CaptureFailed) -> Step:
    """Starting, muting, opening or the run itself failed: stop; what was captured stays what it is."""
    if call.capture in (*RUNNING, Capture.RENEWING) or (call.capture is Capture.STARTING and call.renewing):
        stopped = replace(call, capture=Capture.STOPPED, renewing=False)
        return stopped, (do.StopCapture(), do.RaiseAlarm("capture-lost"))
    if call.capture is Capture.STARTING:
        nothing = replace(call, capture=Capture.STOPPED, purposes=frozenset())
        return nothing, (do.StopCapture(), do.Abandon(), do.RaiseAlarm("capture-failed"))
    return call, ()
