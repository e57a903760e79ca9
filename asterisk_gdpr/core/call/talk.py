"""The rules once the call has been passed on: who is in it, what is pressed and asked for, what comes late.

Whether capture is open is decided in `gate` alone; the rules of a pause, of a withdrawal, of capture that
starts in the talk and of a talk that nobody watches have modules of their own.
"""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events, joiners, pause, renewal, withdrawal
from asterisk_gdpr.core.call.gate import RUNNING, gate, tell
from asterisk_gdpr.core.call.keys import heed
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import KEYS, Call, Capture, MuteReason, Result, Signal, Verb, Word
from asterisk_gdpr.core.line_rules import LineRules


def parties_changed(rules: LineRules, call: Call, event: events.PartiesChanged) -> Step:
    """Who is there decides whether capture is open, and whether a whisper can be heard."""
    before = call.parties
    parties = joiners.as_told(rules, call, event.parties)
    call = replace(call, parties=parties, talked=call.talked or bool(event.parties))
    call, effects = renewal.renewed_or_gated(renewal.joined_and_left(call, before))
    call, told = tell(call, call.untold) if call.parties and call.untold else (call, ())
    call, telling = joiners.tell(rules, call)
    return call, (*effects, *told, *telling)


def hold_changed(_rules: LineRules, call: Call, event: events.HoldChanged) -> Step:
    """Nobody is captured while anybody is on hold."""
    return gate(replace(call, held=event.held))


def key_pressed(rules: LineRules, call: Call, event: events.KeyPressed) -> Step:
    """In the talk two sequences of the caller mean something: withdrawing, and agreeing after all."""
    call, sequence = heed(call, event)
    if sequence == KEYS.withdraw:
        return withdrawal.withdraw(rules, call)
    if sequence == KEYS.agree_later:
        call, effects = withdrawal.agree_later(rules, call)
        return replace(call, keys=()), effects
    return call, ()


def commanded(rules: LineRules, call: Call, event: events.Commanded) -> Step:
    """Somebody other than the caller's own keys steers the recording."""
    verb, number = event.verb, event.number
    if verb is Verb.PAUSE or (verb is Verb.TOGGLE and not call.paused):
        return pause.pause(rules, call, number)
    if verb in (Verb.RESUME, Verb.TOGGLE):
        return pause.resume(call, number)
    if verb is Verb.SWAP:
        return call, (do.Report(number, Result.NOT_CONNECTED),)  # where it can be done it is not asked here
    word = Word.AGENT if verb is Verb.STOP else Word.CALLER
    stopping = bool((call.purposes - rules.mandatory) | call.earlier)
    call, effects = withdrawal.withdraw(rules, call, word, number)
    signal = (do.GiveSignal(Signal.STOPPED),) if stopping and verb is Verb.STOP else ()
    return call, (*effects, *signal)


def commanded_elsewhere(_rules: LineRules, call: Call, event: events.Commanded) -> Step:
    """Before the talk, and after it, nothing can be steered."""
    return call, (do.Report(event.number, Result.NOT_TALKING),)


def late_prepared(_rules: LineRules, call: Call, _event: events.RecordingPrepared) -> Step:
    """The key was made when the call had already ended: nothing is to come of it."""
    return call, (do.Abandon(),)


def late_started(_rules: LineRules, call: Call, _event: events.CaptureStarted) -> Step:
    """The same for a capture that started too late: end it."""
    if call.renewing:
        return replace(call, renewing=False), (do.StopCapture(),)
    return call, (do.StopCapture(), do.Abandon())


def late_not_committed(_rules: LineRules, call: Call, _event: events.ChoiceNotCommitted) -> Step:
    """The call has ended; what is missing is the evidence of its choice."""
    return call, (do.RaiseAlarm("choice-not-committed"),)


def node_leaving(_rules: LineRules, call: Call, _event: events.NodeLeaving) -> Step:
    """Nobody will see who joins: muted until somebody does again."""
    if call.capture is Capture.OPEN:
        return replace(call, capture=Capture.MUTED), (do.MuteCapture(MuteReason.LEAVING),)
    return call, ()


def went_wrong(_rules: LineRules, call: Call, _event: events.WentWrong) -> Step:
    """What we believe of this call may be wrong: capture no more; what was captured stays what it is."""
    alarm = do.RaiseAlarm("call-failed")
    if call.capture in (*RUNNING, Capture.RENEWING):
        return replace(call, capture=Capture.STOPPED), (do.StopCapture(), alarm)
    return call, (alarm,)


def went_wrong_after_all(_rules: LineRules, call: Call, _event: events.WentWrong) -> Step:
    """Nothing is left to stop; a person is told."""
    return call, (do.RaiseAlarm("call-failed"),)
