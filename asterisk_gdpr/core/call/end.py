"""The rule of the end: every way of hanging up has a name."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.moves import Step, undo
from asterisk_gdpr.core.call.state import Call, Capture, Ending, Phase
from asterisk_gdpr.core.line_rules import LineRules

_ENDING = {
    Phase.STATEMENT: Ending.IN_STATEMENT,
    Phase.QUESTION: Ending.IN_QUESTION,
    Phase.WAITING: Ending.IN_WAITING,
    Phase.DETAILS: Ending.IN_DETAILS,
    Phase.CONFIRMING: Ending.IN_CONFIRMING,
}


def hung_up(_rules: LineRules, call: Call, _event: events.HungUp) -> Step:
    """Close what was captured, or erase what was only made ready; nothing more happens to this call."""
    ending = _ENDING.get(call.phase) or _ending_of_talk(call)
    if not call.playing and call.phase is Phase.STATEMENT:
        ending = Ending.UNANSWERED  # who was called never took the call
    close: tuple[do.Effect, ...] = ()
    if call.phase is Phase.CONFIRMING:
        close = undo(call)
    elif call.purposes and call.capture is not Capture.NONE:
        close = (do.CloseRecording(in_doubt=call.doubtful),)
    stopped = Capture.NONE if call.capture is Capture.NONE else Capture.STOPPED
    ended = replace(call, phase=Phase.ENDED, ending=ending, capture=stopped, parties=(), held=False)
    return ended, (*close, do.EndCall(ending))


def moved_on(_rules: LineRules, call: Call, _event: events.MovedOn) -> Step:
    """The caller is there, and goes on as another call: this one's recording ends as after any talk."""
    stop: tuple[do.Effect, ...] = ()
    if call.capture not in (Capture.NONE, Capture.STOPPED):
        stop = (do.StopCapture(),)
    close: tuple[do.Effect, ...] = ()
    if call.purposes and call.capture is not Capture.NONE:
        close = (do.CloseRecording(in_doubt=call.doubtful),)
    stopped = Capture.NONE if call.capture is Capture.NONE else Capture.STOPPED
    nobody = replace(call, parties=(), held=False, untold=None, saying=None)
    ended = replace(nobody, phase=Phase.ENDED, ending=Ending.MOVED_ON, capture=stopped)
    return ended, (*stop, *close, do.EndCall(Ending.MOVED_ON))


def _ending_of_talk(call: Call) -> Ending:
    if call.talked:
        return Ending.TALKED
    return Ending.UNWATCHED if call.unseen else Ending.UNANSWERED
