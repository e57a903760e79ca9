"""The rules once the call has been passed on, and what comes late; `gate` alone opens and closes capture."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.keys import heed
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Capture, MuteReason, Part, Phase
from asterisk_gdpr.core.policy import LineRules


def _gate(call: Call) -> Step:
    """The one place where capture opens and closes."""
    may = (
        bool(call.parties)
        and all(party.cleared for party in call.parties)
        and not call.held
        and bool(call.purposes)
    )
    if may and call.capture is Capture.MUTED and not call.unwatched:
        return replace(call, capture=Capture.OPEN), (do.OpenCapture(),)
    if not may and call.capture is Capture.OPEN:
        reason = MuteReason.HOLD if call.held else MuteReason.PARTIES
        return replace(call, capture=Capture.MUTED), (do.MuteCapture(reason),)
    return call, ()


def parties_changed(_rules: LineRules, call: Call, event: events.PartiesChanged) -> Step:
    """Who is there decides whether capture is open, and whether a whisper can be heard."""
    call, effects = _gate(replace(call, parties=event.parties, talked=call.talked or bool(event.parties)))
    call, told = _tell(call, call.untold)
    return call, (*effects, *told)


def _tell(call: Call, part: Part | None) -> Step:
    """A whisper is heard only over a talk: it waits until there is one."""
    if part is None or not call.parties:
        return replace(call, untold=part), ()
    return replace(call, untold=None), (do.Whisper(part),)


def hold_changed(_rules: LineRules, call: Call, event: events.HoldChanged) -> Step:
    """Nobody is captured while anybody is on hold."""
    return _gate(replace(call, held=event.held))


def sight_lost(_rules: LineRules, call: Call, _event: events.SightLost) -> Step:
    """Nothing opens any more; what is open cannot be muted now, so what it captures is in doubt."""
    open_now = call.capture is Capture.OPEN
    return replace(call, unwatched=True, doubtful=call.doubtful or open_now), ()


def sight_regained(_rules: LineRules, call: Call, event: events.SightRegained) -> Step:
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
    call, opening = _gate(call) if call.phase is Phase.PASSED else (call, ())
    return call, (*effects, *opening)


def key_pressed(rules: LineRules, call: Call, event: events.KeyPressed) -> Step:
    """In the talk one sequence means something: the withdrawal."""
    call, withdraws = heed(call, event)
    return withdraw(rules, call) if withdraws else (call, ())


def withdraw(rules: LineRules, call: Call) -> Step:
    """The caller changes their mind: what rests on their choice ends, what the law demands remains."""
    ended = call.purposes - rules.mandatory
    if not ended:
        return call, ()
    remaining = call.purposes - ended
    commit = do.CommitWithdrawal(ended, remaining)
    call = replace(call, purposes=remaining, withdrawn=True)
    if remaining:
        return call, (commit,)
    if call.capture not in (Capture.MUTED, Capture.OPEN):
        return call, (commit,)
    mute = (do.MuteCapture(MuteReason.WITHDRAWN),) if call.capture is Capture.OPEN else ()
    return replace(call, capture=Capture.STOPPED), (*mute, commit, do.StopCapture())


def withdrawal_committed(rules: LineRules, call: Call, event: events.WithdrawalCommitted) -> Step:
    """Tell the caller truthfully what comes of it; of what a hold keeps no more than that it stopped."""
    if call.purposes:
        return _tell(call, Part.WITHDRAWN_KEPT)
    if event.held:
        return _tell(call, Part.STOPPED)
    return _tell(call, Part.WITHDRAWN_LATER if rules.withdraw_grace else Part.WITHDRAWN)


def withdrawal_not_committed(_rules: LineRules, call: Call, _event: events.WithdrawalNotCommitted) -> Step:
    """Capture has stopped; more than that is not promised until it is on disk."""
    call, told = _tell(call, None if call.purposes else Part.STOPPED)
    return call, (do.RaiseAlarm("withdrawal-not-committed"), *told)


def erasure_ordered(_rules: LineRules, call: Call, _event: events.ErasureOrdered) -> Step:
    """Nothing more is captured for a recording that is about to be erased."""
    stop = (do.StopCapture(),) if call.capture in (Capture.MUTED, Capture.OPEN) else ()
    stopped = Capture.NONE if call.capture is Capture.NONE else Capture.STOPPED
    return replace(call, purposes=frozenset(), capture=stopped), stop


def late_prepared(_rules: LineRules, call: Call, _event: events.RecordingPrepared) -> Step:
    """The key was made when the call had already gone on or ended: nothing is to come of it."""
    return call, (do.Abandon(),)


def late_started(_rules: LineRules, call: Call, _event: events.CaptureStarted) -> Step:
    """The same for a capture that started too late: end it."""
    return call, (do.StopCapture(), do.Abandon())


def late_not_committed(_rules: LineRules, call: Call, _event: events.ChoiceNotCommitted) -> Step:
    """The call has gone on; what is missing is the evidence of it."""
    return call, (do.RaiseAlarm("choice-not-committed"),)


def capture_lost(_rules: LineRules, call: Call, _event: events.CaptureFailed) -> Step:
    """Muting, opening or the run itself failed: stop; what was captured stays what it is."""
    if call.capture in (Capture.MUTED, Capture.OPEN):
        return replace(call, capture=Capture.STOPPED), (do.StopCapture(), do.RaiseAlarm("capture-lost"))
    return call, ()


def node_leaving(_rules: LineRules, call: Call, _event: events.NodeLeaving) -> Step:
    """Nobody will see who joins: muted until somebody does again."""
    if call.capture is Capture.OPEN:
        return replace(call, capture=Capture.MUTED), (do.MuteCapture(MuteReason.LEAVING),)
    return call, ()


def went_wrong(_rules: LineRules, call: Call, _event: events.WentWrong) -> Step:
    """What we believe of this call may be wrong: capture no more; what was captured stays what it is."""
    alarm = do.RaiseAlarm("call-failed")
    if call.capture in (Capture.MUTED, Capture.OPEN):
        return replace(call, capture=Capture.STOPPED), (do.StopCapture(), alarm)
    return call, (alarm,)


def went_wrong_after_all(_rules: LineRules, call: Call, _event: events.WentWrong) -> Step:
    """Nothing is left to stop; a person is told."""
    return call, (do.RaiseAlarm("call-failed"),)
