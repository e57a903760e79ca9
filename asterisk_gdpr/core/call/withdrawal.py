"""The rules by which a recording ends before its call: a change of mind, a word to the agent, an erasure."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.gate import tell
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Capture, MuteReason, Outcome, Part, Result, Said, Word
from asterisk_gdpr.core.line_rules import LineRules

_GROWING = (Capture.MUTED, Capture.OPEN, Capture.RENEWING)


def withdraw(rules: LineRules, call: Call, word: Word = Word.KEY, number: int = 0) -> Step:
    """What rests on the caller's choice ends, also of the lines before; what the law demands remains."""
    ended = (call.purposes - rules.mandatory) | call.earlier
    if not ended:
        result = Result.KEPT_BY_LAW if call.purposes else Result.NOT_RECORDED
        return call, (do.Report(number, result),) if number else ()
    remaining = call.purposes - ended
    commit = do.CommitWithdrawal(ended, remaining, word)
    asked = (*call.asked, number) if number else call.asked
    call = replace(call, purposes=remaining, withdrawn=True, asked=asked, earlier=frozenset())
    if remaining or call.capture not in (*_GROWING, Capture.STOPPED):
        return call, (commit,)
    mute = (do.MuteCapture(MuteReason.WITHDRAWN),) if call.capture is Capture.OPEN else ()
    # Whatever hears the keys from now on is there before the capture goes: where nothing listens, Asterisk
    # changes the bridge's way of mixing, and what listens then changes it back, which ends a hold's music.
    hearing = (do.KeepHearing(),) if rules.questions else ()
    return replace(call, capture=Capture.STOPPED), (*mute, commit, *hearing, do.StopCapture())


def committed(rules: LineRules, call: Call, event: events.WithdrawalCommitted) -> Step:
    """Tell the caller truthfully what comes of it; of what a hold keeps no more than that it stopped."""
    if call.purposes:
        part, result = Part.WITHDRAWN_KEPT, Result.KEPT_BY_LAW
    elif call.bound:
        part, result = Part.STOPPED, Result.KEPT_BY_LAW
    elif event.held:
        part, result = Part.STOPPED, Result.HELD
    else:
        part, result = Part.WITHDRAWN_LATER if rules.withdraw_grace else Part.WITHDRAWN, Result.WITHDRAWN
    call, told = tell(call, part)
    if not call.purposes and rules.questions:
        told = (*told, do.KeepHearing())
    return _answered(call, told, result)


def not_committed(_rules: LineRules, call: Call, _event: events.WithdrawalNotCommitted) -> Step:
    """Capture has stopped; more than that is not promised until it is on disk."""
    call, told = tell(call, None if call.purposes else Part.STOPPED)
    return _answered(call, (do.RaiseAlarm("withdrawal-not-committed"), *told), Result.STOPPED)


def _answered(call: Call, effects: tuple[do.Effect, ...], result: Result) -> Step:
    reports = tuple(do.Report(number, result) for number in call.asked)
    return replace(call, asked=()), (*effects, *reports)


def erasure_ordered(_rules: LineRules, call: Call, _event: events.ErasureOrdered) -> Step:
    """Nothing more is captured for a recording that is about to be erased."""
    stop = (do.StopCapture(),) if call.capture in _GROWING else ()
    stopped = Capture.NONE if call.capture is Capture.NONE else Capture.STOPPED
    if call.capture is Capture.STARTING:
        stopped = Capture.STARTING  # its start is on the way, and stops it
    return replace(call, purposes=frozenset(), capture=stopped), stop


def agree_later(rules: LineRules, call: Call) -> Step:
    """A caller who refused, said nothing, or withdrew, agrees in the talk; only to what they were told of.

    Who refused before the statement was heard is told it now, and agrees by pressing the keys once more.
    What a withdrawal has ended stays ended: the call goes on as another one, with a recording of its own.
    A recording for the law alone stays one.
    """
    if not rules.questions or call.purposes or not call.parties:
        return call, ()
    may = call.capture is Capture.NONE and call.outcome is Outcome.REFUSED
    if not (may or call.withdrawn):
        return call, ()
    if not call.statement_heard:
        return call, (do.Whisper(Part.STATEMENT),)
    if call.withdrawn:
        return call, (do.AgreeAnew(call.keys),)
    answers = (Said.AGREED,) * len(rules.questions)
    purposes = rules.optional | rules.mandatory
    call = replace(call, answers=answers, purposes=purposes, outcome=Outcome.AGREED, agreeing=True)
    return call, (do.CommitChoice(Outcome.AGREED, answers, purposes, call.keys),)


def whisper_ended(_rules: LineRules, call: Call, event: events.WhisperEnded) -> Step:
    """Whoever has heard the statement in the talk knows what they may agree to; what was said before a talk
    and not heard is said in it."""
    if event.part is Part.STATEMENT:
        return (replace(call, statement_heard=True) if event.heard else call), ()
    if event.part is not call.saying:
        return call, ()
    call = replace(call, saying=None, untold=None if event.heard else event.part)
    return tell(call, call.untold) if call.parties else (call, ())


def late_committed(_rules: LineRules, call: Call, _event: events.ChoiceCommitted) -> Step:
    """A choice of the notice needs nothing more; one that came later is made true now."""
    if not call.agreeing:
        return call, ()
    call = replace(call, agreeing=False)
    if not call.purposes:
        return call, ()
    return replace(call, capture=Capture.PREPARING), (do.PrepareRecording(call.purposes),)


def late_not_committed(_rules: LineRules, call: Call, _event: events.ChoiceNotCommitted) -> Step:
    """The call has gone on; what is missing is the evidence, and so there is no recording of it."""
    alarm = do.RaiseAlarm("choice-not-committed")
    if call.agreeing:
        return replace(call, agreeing=False, purposes=frozenset(), outcome=Outcome.REFUSED), (alarm,)
    return call, (alarm,)
