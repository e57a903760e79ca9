"""The one place where capture opens and closes, and what every rule of the talk needs to say."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Capture, MuteReason, Part

RUNNING = (Capture.MUTED, Capture.OPEN)
"""MixMonitor runs, and can be steered."""


def gate(call: Call) -> Step:
    """Open or close the capture as the call now is."""
    may = (
        bool(call.parties)
        and all(party.cleared for party in call.parties)
        and not call.held
        and not call.paused
        and bool(call.purposes)
    )
    if may and call.capture is Capture.MUTED and not call.unwatched:
        return replace(call, capture=Capture.OPEN), (do.OpenCapture(),)
    if not may and call.capture is Capture.OPEN:
        return replace(call, capture=Capture.MUTED), (do.MuteCapture(why(call)),)
    return call, ()


def why(call: Call) -> MuteReason:
    """Why the capture of this call is muted."""
    if call.paused:
        return MuteReason.PAUSED
    return MuteReason.HOLD if call.held else MuteReason.PARTIES


def tell(call: Call, part: Part | None) -> Step:
    """Said at once: music and ringing carry a whisper too. Where silence did not, it is said in the talk."""
    if part is None:
        return replace(call, untold=None, saying=None), ()
    return replace(call, untold=None, saying=None if call.parties else part), (do.Whisper(part),)
