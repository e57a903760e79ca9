"""The rules from the last answer until the call is passed on: committed, acknowledged, made ready."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events, talk, withdrawal
from asterisk_gdpr.core.call.keys import heed
from asterisk_gdpr.core.call.moves import READYING, Step, play, unavailable
from asterisk_gdpr.core.call.state import KEYS, Call, Capture, Outcome, Part, Phase, Said
from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.policy import Receipt


def _granted(rules: LineRules, answers: tuple[Said, ...]) -> frozenset[str]:
    granted: frozenset[str] = frozenset()
    for question, said in zip(rules.questions, answers, strict=False):
        if said is Said.AGREED:
            granted |= question.names
        elif said is Said.SILENCE:
            granted |= question.opt_out | question.carried
    return granted


def is_unproven(rules: LineRules, answers: tuple[Said, ...]) -> bool:
    """In early media nothing but an answer by key shows that its caller could hear the statement."""
    return rules.early_media and all(said is Said.SILENCE for said in answers)


def outcome_of(rules: LineRules, granted: frozenset[str], *, silent: bool) -> Outcome:
    """Silence is never `agreed`, and what was granted in part is not called more than that."""
    everything = rules.optional | rules.barred
    if not everything:
        return Outcome.MANDATORY
    if not granted & everything:
        return Outcome.REFUSED
    if not everything <= granted:
        return Outcome.PARTIAL
    return Outcome.NOT_OBJECTED if silent or rules.silent_before else Outcome.AGREED


def _goes_on(rules: LineRules, call: Call) -> frozenset[str]:
    """What was granted on an earlier line and not asked for here: a no to everything counts for it too."""
    refused_all = Said.REFUSED in call.answers and not call.statement_heard
    return rules.carried & rules.mandatory if refused_all else rules.carried


def choose(rules: LineRules, call: Call) -> Step:
    """All questions are answered: a refusal is passed on at once, anything else is made ready first."""
    call = replace(call, statement_heard=call.statement_heard and not is_unproven(rules, call.answers))
    goes_on = _goes_on(rules, call)
    answered = _granted(rules, call.answers) if call.statement_heard else frozenset[str]()
    granted = answered | (goes_on - rules.mandatory)
    outcome = outcome_of(rules, granted, silent=Said.SILENCE in call.answers)
    purposes = goes_on | ((granted | rules.mandatory) if call.statement_heard else frozenset())
    call = replace(call, outcome=outcome, purposes=purposes)
    commit = do.CommitChoice(outcome, call.answers, purposes, call.keys)
    if not purposes:
        return replace(call, phase=Phase.PASSED), (do.PassOn(outcome, recording=False), commit)
    receipt = call.receipt or rules.receipt is Receipt.ALWAYS
    call = replace(call, phase=Phase.CONFIRMING, receipt=receipt)
    if Said.AGREED in call.answers:
        return _acknowledge(call, Part.AGREED, commit)
    if Said.REFUSED in call.answers and purposes <= rules.mandatory:
        return _acknowledge(call, Part.KEPT_BY_LAW, commit)
    if call.receipt:
        return _acknowledge(replace(call, receipt=False), Part.RECEIPT, commit)
    return call, (commit,)


def _acknowledge(call: Call, part: Part, commit: do.CommitChoice) -> Step:
    call, effects = play(call, Phase.CONFIRMING, part)
    return replace(call, acknowledging=True), (*effects, commit)


def acknowledged(rules: LineRules, call: Call, event: events.PromptEnded) -> Step:
    """The caller knows that the answer arrived; heard or not, it was given."""
    if event.playing != call.playing:
        return call, ()
    if call.receipt and call.purposes:  # what has failed meanwhile leaves nothing to name later
        return play(replace(call, receipt=False), Phase.CONFIRMING, Part.RECEIPT)
    return _ready(rules, replace(call, acknowledging=False))


def key_pressed(rules: LineRules, call: Call, event: events.KeyPressed) -> Step:
    """A change of mind within a second of the choice: it counts as soon as the call is passed on."""
    call, sequence = heed(call, event)
    if rules.questions and (sequence == KEYS.withdraw or event.digit == KEYS.refuse):
        return replace(call, early=Said.REFUSED), ()
    return call, ()


def committed(_rules: LineRules, call: Call, _event: events.ChoiceCommitted) -> Step:
    """Only a choice that is on disk makes a recording."""
    return replace(call, capture=Capture.PREPARING), (do.PrepareRecording(call.purposes),)


def not_committed(_rules: LineRules, call: Call, _event: events.ChoiceNotCommitted) -> Step:
    """A choice that cannot be proven later is none."""
    return unavailable(call, do.RaiseAlarm("choice-not-committed"), sounding=call.acknowledging)


def prepared(rules: LineRules, call: Call, event: events.RecordingPrepared) -> Step:
    """The key is on disk, so capture may start: muted."""
    if call.capture is Capture.STOPPED:
        return talk.late_prepared(rules, call, event)
    return replace(call, capture=Capture.STARTING), (do.StartCapture(),)


def not_prepared(rules: LineRules, call: Call, _event: events.RecordingNotPrepared) -> Step:
    """Without a key or room nothing is captured."""
    return _without_recording(rules, call, "recording-not-prepared")


def capture_started(rules: LineRules, call: Call, event: events.CaptureStarted) -> Step:
    """It runs, muted: the last thing that passing on waits for."""
    if call.capture is Capture.STOPPED:
        return talk.late_started(rules, call, event)
    return _ready(rules, replace(call, capture=Capture.MUTED))


def capture_failed(rules: LineRules, call: Call, _event: events.CaptureFailed) -> Step:
    """What may run all the same is stopped, and what was prepared erased."""
    if call.capture is Capture.STOPPED:
        return call, ()
    return _without_recording(rules, call, "capture-failed", do.StopCapture(), do.Abandon())


def _without_recording(rules: LineRules, call: Call, alarm: str, *effects: do.Effect) -> Step:
    """The choice stands, but nothing can be recorded: the call goes on all the same."""
    call = replace(call, capture=Capture.STOPPED, purposes=frozenset())
    ready, passing = _ready(rules, call)
    return ready, (*effects, do.RaiseAlarm(alarm), *passing)


def erasure_ordered(rules: LineRules, call: Call, _event: events.ErasureOrdered) -> Step:
    """The recording is erased before the call is passed on: what is being made ready is not to be opened."""
    if call.capture in (Capture.NONE, Capture.STOPPED):
        return call, ()
    stop = (do.StopCapture(),) if call.capture in READYING else ()
    ready, passing = _ready(rules, replace(call, capture=Capture.STOPPED, purposes=frozenset()))
    return ready, (*stop, *passing)


def _ready(rules: LineRules, call: Call) -> Step:
    """Pass the call on once the acknowledgement is over and the capture is muted, or has failed."""
    if call.acknowledging or call.capture not in (Capture.MUTED, Capture.STOPPED):
        return call, ()
    changed_mind = call.early is Said.REFUSED
    # In early media the tones of a phone that rings wear the capture before anybody is there.
    call = replace(call, phase=Phase.PASSED, early=None, worn=rules.early_media)
    withdrawing: tuple[do.Effect, ...] = ()
    if changed_mind:
        call, withdrawing = withdrawal.withdraw(rules, replace(call, outcome=Outcome.REFUSED))
    assert call.outcome is not None
    recording = call.capture is Capture.MUTED and bool(call.purposes)
    return call, (do.PassOn(call.outcome, recording=recording), *withdrawing)
