"""The call machine: every rule of what happens to a call, in one file, without any doing.

Theory
------
`step(rules, call, event)` takes a call and something that happened and returns the call as it is
then and what must be done, in that order. It does nothing itself: no clock, no I/O, no waiting.
What is done may fail; the failure comes back as an event, and the answer to it stands here too.

Two sides move independently and meet in `_gate`:

* the *notice*: STATEMENT → QUESTION (once or more) → WAITING → CONFIRMING → PASSED, with DETAILS
  and repeats on the caller's wish, and ENDED from everywhere;
* the *capture*: NONE → PREPARING → STARTING → MUTED ⇄ OPEN → STOPPED.

Capture is opened by `_gate` alone, and only when the call has been passed on, somebody is in it,
everybody in it is cleared, nobody is on hold, and the recording has a purpose to live for.
Whatever is in doubt ends with the call passed on and no recording: the call never waits for us.

A prompt counts as heard only when it ended by itself. Silence therefore counts as "did not object"
only after the statement and the question were both heard; a key pressed earlier may refuse at any
time, and may agree once the statement has been heard.

Every pair of phase and event is either in `_RULES` or in `_IGNORED`; nothing is silently lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from asterisk_gdpr.core.call_values import (
    KEYS,
    Abandon,
    Answer,
    Call,
    Capture,
    CaptureFailed,
    CaptureStarted,
    ChoiceCommitted,
    ChoiceNotCommitted,
    CloseRecording,
    CommitChoice,
    CommitWithdrawal,
    Effect,
    EndCall,
    Ending,
    ErasureOrdered,
    Event,
    HoldChanged,
    HungUp,
    KeyPressed,
    LeftNotice,
    MuteCapture,
    NodeLeaving,
    OpenCapture,
    Outcome,
    Part,
    PartiesChanged,
    PassOn,
    Phase,
    Play,
    PrepareRecording,
    Pressed,
    PromptEnded,
    RaiseAlarm,
    RecordingNotPrepared,
    RecordingPrepared,
    Said,
    StartCapture,
    StopCapture,
    StopPlaying,
    WaitEnded,
    WaitForKey,
    WentWrong,
    Whisper,
    WithdrawalCommitted,
    WithdrawalNotCommitted,
)
from asterisk_gdpr.core.policy import LineRules, Mode

MAX_ROUNDS = 6
"""How often a caller may ask for details or a repeat: a call must come to an end."""

SEQUENCE_WITHIN = timedelta(seconds=3)
"""The keys of a sequence such as `*9` follow each other within this (design: keys of the talk)."""

Step = tuple[Call, tuple[Effect, ...]]


def begin(
    rules: LineRules, *, exempt: bool = False, switched_off: bool = False, sampled_out: bool = False
) -> Step:
    """A call has arrived; it is answered only if there is something to tell the caller.

    An exempt line reaches us only while the dialplan does not know yet that it is exempt.
    """
    if exempt:
        return _pass_on(Call(Phase.STATEMENT), Outcome.EXEMPT)
    if sampled_out and not switched_off and rules.mode is Mode.LIVE:
        return _pass_on(Call(Phase.STATEMENT), Outcome.SAMPLED_OUT)
    if switched_off or rules.mode is Mode.DISABLED:
        return _pass_on(Call(Phase.STATEMENT), Outcome.UNAVAILABLE)
    if rules.mode is Mode.SHADOW:
        return _pass_on(Call(Phase.STATEMENT), Outcome.SHADOW)
    return _play(Call(Phase.STATEMENT), Phase.STATEMENT, Part.STATEMENT, Answer())


def resume(*, outcome: Outcome, purposes: frozenset[str], capturing: bool) -> Step:
    """Take up a call that was passed on before a restart: muted until its parties are known again."""
    call = Call(Phase.PASSED, outcome=outcome, purposes=purposes)
    if not capturing:
        return replace(call, capture=Capture.STOPPED if purposes else Capture.NONE), ()
    if not purposes:
        return replace(call, capture=Capture.STOPPED), (StopCapture(),)
    return replace(call, capture=Capture.MUTED), (MuteCapture(),)


def give_back() -> Step:
    """Take up a call that a restart found between its choice and its passing on: no recording of it."""
    call = Call(Phase.PASSED, outcome=Outcome.UNAVAILABLE, capture=Capture.STOPPED)
    return call, (StopCapture(), Abandon(), PassOn(Outcome.UNAVAILABLE, recording=False))


def step(rules: LineRules, call: Call, event: Event) -> Step:
    """The call after an event, and what must be done, in order.

    Raises `KeyError` for an event that has no declared answer in this phase: a bug, never a fact of life.
    """
    place = (call.phase, type(event))
    if place in _IGNORED:
        return call, ()
    return _RULES[place](rules, call, event)


# --- the notice -------------------------------------------------------------------------------


def _play(call: Call, phase: Phase, part: Part, *before: Effect) -> Step:
    number = call.playing + 1
    question = len(call.answers) if part is Part.QUESTION else 0
    return replace(call, phase=phase, playing=number), (*before, Play(number, part, question))


def _wait(rules: LineRules, call: Call) -> Step:
    number = call.playing + 1
    return replace(call, phase=Phase.WAITING, playing=number), (WaitForKey(number, rules.silence),)


def _statement_ended(rules: LineRules, call: Call, event: PromptEnded) -> Step:
    if event.playing != call.playing:
        return call, ()
    if not event.heard:
        return _unavailable(call, RaiseAlarm("notice-failed"))
    call = replace(call, statement_heard=True)
    if call.early is not None:
        return _answer(rules, call, call.early)
    return _ask(rules, call)


def _ask(rules: LineRules, call: Call) -> Step:
    """The next question, or, where the caller has no say, a moment to ask for details."""
    if rules.questions:
        return _play(call, Phase.QUESTION, Part.QUESTION)
    return _wait(rules, call)


def _question_ended(rules: LineRules, call: Call, event: PromptEnded) -> Step:
    if event.playing != call.playing:
        return call, ()
    if not event.heard:
        return _unavailable(call, RaiseAlarm("notice-failed"))
    return _wait(rules, call)


def _details_ended(rules: LineRules, call: Call, event: PromptEnded) -> Step:
    if event.playing != call.playing:
        return call, ()
    alarm = () if event.heard else (RaiseAlarm("details-failed"),)
    call, effects = (
        _ask(rules, call) if call.statement_heard else _play(call, Phase.STATEMENT, Part.STATEMENT)
    )
    return call, (*alarm, *effects)


def _wait_ended(rules: LineRules, call: Call, event: WaitEnded) -> Step:
    if event.playing != call.playing:
        return call, ()
    return _answer(rules, call, Said.SILENCE)


def _key_in_notice(rules: LineRules, call: Call, event: KeyPressed) -> Step:
    """A key while a prompt plays or is waited after; one that means nothing here changes nothing."""
    call = replace(call, keys=(*call.keys, Pressed(event.digit, event.at))[-32:])
    if rules.questions and (event.digit == KEYS.refuse or _withdraws(call.keys)):
        if not call.statement_heard and rules.mandatory:
            return replace(call, early=Said.REFUSED), ()
        return _answer(rules, call, Said.REFUSED, *_stop(call))
    if event.digit == KEYS.agree and _may_agree(rules, call):
        if call.statement_heard:
            return _answer(rules, call, Said.AGREED, *_stop(call))
        return (replace(call, early=Said.AGREED) if call.phase is Phase.STATEMENT else call), ()
    if call.rounds < MAX_ROUNDS and event.digit in (KEYS.details, KEYS.repeat):
        call = replace(call, rounds=call.rounds + 1, early=None)
        if event.digit == KEYS.details:
            return _play(call, Phase.DETAILS, Part.DETAILS, *_stop(call))
        return _play(call, Phase.STATEMENT, Part.STATEMENT, *_stop(call))
    return call, ()


def _stop(call: Call) -> tuple[Effect, ...]:
    """In every phase of the notice but WAITING a prompt plays."""
    return () if call.phase is Phase.WAITING else (StopPlaying(),)


def _may_agree(rules: LineRules, call: Call) -> bool:
    """Agreeing means something where the question asks for consent; early, only if there is one question."""
    if len(call.answers) >= len(rules.questions):
        return False
    if not call.statement_heard and len(rules.questions) > 1:
        return False
    return bool(rules.questions[len(call.answers)].opt_in)


def _answer(rules: LineRules, call: Call, said: Said, *stop: Effect) -> Step:
    """The caller has answered a question; refusing before the first one is heard refuses all of them."""
    refused_all = said is Said.REFUSED and (not call.statement_heard or call.early is Said.REFUSED)
    more = len(rules.questions) - len(call.answers)
    answers = call.answers + (said,) * (more if refused_all else min(1, more))
    call = replace(call, answers=answers, early=None)
    if len(answers) < len(rules.questions):
        return _play(call, Phase.QUESTION, Part.QUESTION, *stop)
    call, effects = _choose(rules, call)
    return call, (*stop, *effects)


# --- the choice -------------------------------------------------------------------------------


def _granted(rules: LineRules, answers: tuple[Said, ...]) -> frozenset[str]:
    granted: frozenset[str] = frozenset()
    for question, said in zip(rules.questions, answers, strict=False):
        if said is Said.AGREED:
            granted |= question.opt_in | question.opt_out
        elif said is Said.SILENCE:
            granted |= question.opt_out
    return granted


def _outcome(rules: LineRules, answers: tuple[Said, ...], granted: frozenset[str]) -> Outcome:
    """Silence is never `agreed`, and what was granted in part is not called more than that."""
    if not rules.optional:
        return Outcome.MANDATORY
    if not granted:
        return Outcome.REFUSED
    if granted != rules.optional:
        return Outcome.PARTIAL
    return Outcome.NOT_OBJECTED if Said.SILENCE in answers else Outcome.AGREED


def _choose(rules: LineRules, call: Call) -> Step:
    """All questions are answered: a refusal is passed on at once, anything else is made ready first."""
    granted = _granted(rules, call.answers)
    outcome = _outcome(rules, call.answers, granted)
    purposes = (granted | rules.mandatory) if call.statement_heard else frozenset[str]()
    call = replace(call, outcome=outcome, purposes=purposes)
    commit = CommitChoice(outcome, call.answers, purposes, call.keys)
    if not purposes:
        return replace(call, phase=Phase.PASSED), (PassOn(outcome, recording=False), commit)
    call = replace(call, phase=Phase.CONFIRMING)
    if Said.AGREED in call.answers:
        return _acknowledge(call, Part.AGREED, commit)
    if Said.REFUSED in call.answers:
        return _acknowledge(call, Part.KEPT_BY_LAW, commit)
    return call, (commit,)


def _acknowledge(call: Call, part: Part, commit: CommitChoice) -> Step:
    call, effects = _play(call, Phase.CONFIRMING, part)
    return replace(call, acknowledging=True), (*effects, commit)


def _acknowledged(rules: LineRules, call: Call, event: PromptEnded) -> Step:
    if event.playing != call.playing:
        return call, ()
    return _ready(rules, replace(call, acknowledging=False))


def _key_in_confirming(rules: LineRules, call: Call, event: KeyPressed) -> Step:
    """A change of mind within a second of the choice: it counts as soon as the call is passed on."""
    call, sequence = _heed(call, event)
    if rules.questions and (sequence or event.digit == KEYS.refuse):
        return replace(call, early=Said.REFUSED), ()
    return call, ()


def _choice_committed(_rules: LineRules, call: Call, _event: ChoiceCommitted) -> Step:
    return replace(call, capture=Capture.PREPARING), (PrepareRecording(call.purposes),)


def _choice_not_committed(_rules: LineRules, call: Call, _event: ChoiceNotCommitted) -> Step:
    return _unavailable(call, RaiseAlarm("choice-not-committed"), sounding=call.acknowledging)


def _prepared(rules: LineRules, call: Call, event: RecordingPrepared) -> Step:
    if call.capture is Capture.STOPPED:
        return _late_prepared(rules, call, event)
    return replace(call, capture=Capture.STARTING), (StartCapture(),)


def _not_prepared(rules: LineRules, call: Call, _event: RecordingNotPrepared) -> Step:
    return _without_recording(rules, call, "recording-not-prepared")


def _capture_started(rules: LineRules, call: Call, event: CaptureStarted) -> Step:
    if call.capture is Capture.STOPPED:
        return _late_started(rules, call, event)
    return _ready(rules, replace(call, capture=Capture.MUTED))


def _capture_failed(rules: LineRules, call: Call, _event: CaptureFailed) -> Step:
    if call.capture is Capture.STOPPED:
        return call, ()
    return _without_recording(rules, call, "capture-failed", StopCapture(), Abandon())


def _without_recording(rules: LineRules, call: Call, alarm: str, *effects: Effect) -> Step:
    """The choice stands, but nothing can be recorded: the call goes on all the same."""
    call = replace(call, capture=Capture.STOPPED, purposes=frozenset())
    ready, passing = _ready(rules, call)
    return ready, (*effects, RaiseAlarm(alarm), *passing)


def _erased_while_readying(rules: LineRules, call: Call, _event: ErasureOrdered) -> Step:
    """The recording is erased before the call is passed on: what is being made ready is not to be opened."""
    if call.capture in (Capture.NONE, Capture.STOPPED):
        return call, ()
    stop = (StopCapture(),) if call.capture in _READYING else ()
    ready, passing = _ready(rules, replace(call, capture=Capture.STOPPED, purposes=frozenset()))
    return ready, (*stop, *passing)


def _ready(rules: LineRules, call: Call) -> Step:
    """Pass the call on once the acknowledgement is over and the capture is muted, or has failed."""
    if call.acknowledging or call.capture not in (Capture.MUTED, Capture.STOPPED):
        return call, ()
    changed_mind = call.early is Said.REFUSED
    call = replace(call, phase=Phase.PASSED, early=None)
    withdrawing: tuple[Effect, ...] = ()
    if changed_mind:
        call, withdrawing = _withdraw(rules, replace(call, outcome=Outcome.REFUSED))
    assert call.outcome is not None
    recording = call.capture is Capture.MUTED and bool(call.purposes)
    return call, (PassOn(call.outcome, recording=recording), *withdrawing)


_READYING = (Capture.STARTING, Capture.MUTED)
"""A recording exists (its key is committed) though the call has not been passed on."""


def _pass_on(call: Call, outcome: Outcome) -> Step:
    call = replace(call, phase=Phase.PASSED, outcome=outcome)
    commit = CommitChoice(outcome, call.answers, frozenset(), call.keys)
    return call, (PassOn(outcome, recording=False), commit)


def _unavailable(call: Call, *after: Effect, sounding: bool = False) -> Step:
    """The notice could not be given, or its answer not kept: the call goes on, unrecorded."""
    stop = (StopPlaying(),) if sounding else ()
    passing = PassOn(Outcome.UNAVAILABLE, recording=False)
    return _given_up(call), (*stop, passing, *_undo(call), *after)


def _given_up(call: Call) -> Call:
    return replace(
        call,
        phase=Phase.PASSED,
        outcome=Outcome.UNAVAILABLE,
        purposes=frozenset(),
        capture=Capture.NONE if call.capture is Capture.NONE else Capture.STOPPED,
        acknowledging=False,
    )


def _undo(call: Call) -> tuple[Effect, ...]:
    return (StopCapture(), Abandon()) if call.capture in _READYING else ()


def _taken_back(_rules: LineRules, call: Call, _event: LeftNotice) -> Step:
    """The watchdog (or a redirect) took the call before we passed it on: the dialplan says `unavailable`."""
    return _given_up(call), (*_undo(call), RaiseAlarm("taken-back"))


def _sounding(call: Call) -> bool:
    """Whether a prompt plays now."""
    return call.acknowledging or call.phase in (Phase.STATEMENT, Phase.QUESTION, Phase.DETAILS)


def _left_in_notice(_rules: LineRules, call: Call, _event: NodeLeaving) -> Step:
    """Nobody will be there to hear the caller's answer."""
    return _unavailable(call, sounding=_sounding(call))


def _wrong_in_notice(_rules: LineRules, call: Call, _event: WentWrong) -> Step:
    return _unavailable(call, RaiseAlarm("call-failed"), sounding=_sounding(call))


# --- the talk ---------------------------------------------------------------------------------


def _gate(call: Call) -> Step:
    """The one place where capture opens and closes."""
    may = (
        bool(call.parties)
        and all(party.cleared for party in call.parties)
        and not call.held
        and bool(call.purposes)
    )
    if may and call.capture is Capture.MUTED:
        return replace(call, capture=Capture.OPEN), (OpenCapture(),)
    if not may and call.capture is Capture.OPEN:
        return replace(call, capture=Capture.MUTED), (MuteCapture(),)
    return call, ()


def _parties_changed(_rules: LineRules, call: Call, event: PartiesChanged) -> Step:
    call, effects = _gate(replace(call, parties=event.parties, talked=call.talked or bool(event.parties)))
    call, told = _tell(call, call.untold)
    return call, (*effects, *told)


def _tell(call: Call, part: Part | None) -> Step:
    """A whisper is heard only over a talk: it waits until there is one."""
    if part is None or not call.parties:
        return replace(call, untold=part), ()
    return replace(call, untold=None), (Whisper(part),)


def _hold_changed(_rules: LineRules, call: Call, event: HoldChanged) -> Step:
    return _gate(replace(call, held=event.held))


def _withdraws(keys: tuple[Pressed, ...]) -> bool:
    """Whether the last keys are the withdrawal's sequence, pressed without a pause."""
    last = keys[-len(KEYS.withdraw) :]
    if "".join(key.digit for key in last) != KEYS.withdraw:
        return False
    return all(later.at - key.at <= SEQUENCE_WITHIN for key, later in pairwise(last))


def _heed(call: Call, event: KeyPressed) -> tuple[Call, bool]:
    """The call with the key noted, and whether the withdrawal's sequence is now complete."""
    keys = (*call.keys, Pressed(event.digit, event.at))[-len(KEYS.withdraw) :]
    if _withdraws(keys):
        return replace(call, keys=()), True
    return replace(call, keys=keys), False


def _key_in_talk(rules: LineRules, call: Call, event: KeyPressed) -> Step:
    call, withdraws = _heed(call, event)
    return _withdraw(rules, call) if withdraws else (call, ())


def _withdraw(rules: LineRules, call: Call) -> Step:
    """The caller changes their mind: what rests on their choice ends, what the law demands remains."""
    ended = call.purposes - rules.mandatory
    if not ended:
        return call, ()
    remaining = call.purposes - ended
    commit = CommitWithdrawal(ended, remaining)
    call = replace(call, purposes=remaining, withdrawn=True)
    if remaining:
        return call, (commit,)
    if call.capture not in (Capture.MUTED, Capture.OPEN):
        return call, (commit,)
    mute = (MuteCapture(),) if call.capture is Capture.OPEN else ()
    return replace(call, capture=Capture.STOPPED), (*mute, commit, StopCapture())


def _withdrawal_committed(rules: LineRules, call: Call, _event: WithdrawalCommitted) -> Step:
    if call.purposes:
        return _tell(call, Part.WITHDRAWN_KEPT)
    return _tell(call, Part.WITHDRAWN_LATER if rules.withdraw_grace else Part.WITHDRAWN)


def _withdrawal_not_committed(_rules: LineRules, call: Call, _event: WithdrawalNotCommitted) -> Step:
    call, told = _tell(call, None if call.purposes else Part.STOPPED)
    return call, (RaiseAlarm("withdrawal-not-committed"), *told)


def _erasure_ordered(_rules: LineRules, call: Call, _event: ErasureOrdered) -> Step:
    stop = (StopCapture(),) if call.capture in (Capture.MUTED, Capture.OPEN) else ()
    stopped = Capture.NONE if call.capture is Capture.NONE else Capture.STOPPED
    return replace(call, purposes=frozenset(), capture=stopped), stop


def _late_prepared(_rules: LineRules, call: Call, _event: RecordingPrepared) -> Step:
    """The key was made when the call had already gone on or ended: nothing is to come of it."""
    return call, (Abandon(),)


def _late_started(_rules: LineRules, call: Call, _event: CaptureStarted) -> Step:
    return call, (StopCapture(), Abandon())


def _late_not_committed(_rules: LineRules, call: Call, _event: ChoiceNotCommitted) -> Step:
    return call, (RaiseAlarm("choice-not-committed"),)


def _capture_lost(_rules: LineRules, call: Call, _event: CaptureFailed) -> Step:
    """Muting, opening or the run itself failed: stop; what was captured stays what it is."""
    if call.capture in (Capture.MUTED, Capture.OPEN):
        return replace(call, capture=Capture.STOPPED), (StopCapture(), RaiseAlarm("capture-lost"))
    return call, ()


def _left_in_talk(_rules: LineRules, call: Call, _event: NodeLeaving) -> Step:
    """Nobody will see who joins: muted until somebody does again."""
    if call.capture is Capture.OPEN:
        return replace(call, capture=Capture.MUTED), (MuteCapture(),)
    return call, ()


def _wrong_in_talk(_rules: LineRules, call: Call, _event: WentWrong) -> Step:
    """What we believe of this call may be wrong: capture no more; what was captured stays what it is."""
    alarm = RaiseAlarm("call-failed")
    if call.capture in (Capture.MUTED, Capture.OPEN):
        return replace(call, capture=Capture.STOPPED), (StopCapture(), alarm)
    return call, (alarm,)


def _wrong_after_all(_rules: LineRules, call: Call, _event: WentWrong) -> Step:
    return call, (RaiseAlarm("call-failed"),)


# --- the end ----------------------------------------------------------------------------------

_ENDING = {
    Phase.STATEMENT: Ending.IN_STATEMENT,
    Phase.QUESTION: Ending.IN_QUESTION,
    Phase.WAITING: Ending.IN_WAITING,
    Phase.DETAILS: Ending.IN_DETAILS,
    Phase.CONFIRMING: Ending.IN_CONFIRMING,
}


def _hung_up(_rules: LineRules, call: Call, _event: HungUp) -> Step:
    ending = _ENDING.get(call.phase) or (Ending.TALKED if call.talked else Ending.UNANSWERED)
    close: tuple[Effect, ...] = ()
    if call.phase is Phase.CONFIRMING:
        close = (StopCapture(), Abandon()) if call.capture in _READYING else ()
    elif call.purposes and call.capture is not Capture.NONE:
        close = (CloseRecording(),)
    stopped = Capture.NONE if call.capture is Capture.NONE else Capture.STOPPED
    ended = replace(call, phase=Phase.ENDED, ending=ending, capture=stopped, parties=(), held=False)
    return ended, (*close, EndCall(ending))


_Rule = Callable[[LineRules, Call, Any], Step]
_IN_NOTICE = (Phase.STATEMENT, Phase.QUESTION, Phase.WAITING, Phase.DETAILS)

_RULES: dict[tuple[Phase, type[Any]], _Rule] = {
    (Phase.STATEMENT, PromptEnded): _statement_ended,
    (Phase.QUESTION, PromptEnded): _question_ended,
    (Phase.DETAILS, PromptEnded): _details_ended,
    (Phase.WAITING, WaitEnded): _wait_ended,
    **{(phase, KeyPressed): _key_in_notice for phase in _IN_NOTICE},
    **{(phase, LeftNotice): _taken_back for phase in (*_IN_NOTICE, Phase.CONFIRMING)},
    **{(phase, HungUp): _hung_up for phase in (*_IN_NOTICE, Phase.CONFIRMING, Phase.PASSED)},
    **{(phase, NodeLeaving): _left_in_notice for phase in (*_IN_NOTICE, Phase.CONFIRMING)},
    **{(phase, WentWrong): _wrong_in_notice for phase in (*_IN_NOTICE, Phase.CONFIRMING)},
    (Phase.CONFIRMING, PromptEnded): _acknowledged,
    (Phase.CONFIRMING, KeyPressed): _key_in_confirming,
    (Phase.CONFIRMING, ChoiceCommitted): _choice_committed,
    (Phase.CONFIRMING, ChoiceNotCommitted): _choice_not_committed,
    (Phase.CONFIRMING, RecordingPrepared): _prepared,
    (Phase.CONFIRMING, RecordingNotPrepared): _not_prepared,
    (Phase.CONFIRMING, CaptureStarted): _capture_started,
    (Phase.CONFIRMING, CaptureFailed): _capture_failed,
    (Phase.CONFIRMING, ErasureOrdered): _erased_while_readying,
    (Phase.PASSED, KeyPressed): _key_in_talk,
    (Phase.PASSED, PartiesChanged): _parties_changed,
    (Phase.PASSED, HoldChanged): _hold_changed,
    (Phase.PASSED, WithdrawalCommitted): _withdrawal_committed,
    (Phase.PASSED, WithdrawalNotCommitted): _withdrawal_not_committed,
    (Phase.PASSED, ChoiceNotCommitted): _late_not_committed,
    (Phase.PASSED, CaptureFailed): _capture_lost,
    (Phase.PASSED, ErasureOrdered): _erasure_ordered,
    (Phase.PASSED, NodeLeaving): _left_in_talk,
    (Phase.PASSED, WentWrong): _wrong_in_talk,
    (Phase.ENDED, WentWrong): _wrong_after_all,
    **{(phase, RecordingPrepared): _late_prepared for phase in (Phase.PASSED, Phase.ENDED)},
    **{(phase, CaptureStarted): _late_started for phase in (Phase.PASSED, Phase.ENDED)},
    (Phase.ENDED, ChoiceNotCommitted): _late_not_committed,
}

_RESULTS = (ChoiceCommitted, ChoiceNotCommitted, RecordingPrepared, RecordingNotPrepared)
_RESULTS_OF_CAPTURE = (CaptureStarted, CaptureFailed, WithdrawalCommitted, WithdrawalNotCommitted)

_IGNORED: frozenset[tuple[Phase, type[Any]]] = frozenset(
    {
        # The end of a wait that a key has ended, and of a prompt that was stopped.
        *((phase, WaitEnded) for phase in Phase if phase is not Phase.WAITING),
        (Phase.WAITING, PromptEnded),
        (Phase.PASSED, PromptEnded),
        # Nothing has been asked for yet whose result these could be.
        *((phase, result) for phase in _IN_NOTICE for result in (*_RESULTS, *_RESULTS_OF_CAPTURE)),
        (Phase.CONFIRMING, WithdrawalCommitted),
        (Phase.CONFIRMING, WithdrawalNotCommitted),
        # Bridges and hold before the call is passed on are not a talk.
        *((phase, PartiesChanged) for phase in (*_IN_NOTICE, Phase.CONFIRMING)),
        *((phase, HoldChanged) for phase in (*_IN_NOTICE, Phase.CONFIRMING)),
        # Before the choice there is no recording.
        *((phase, ErasureOrdered) for phase in _IN_NOTICE),
        # Passing on was our own doing, and the refusal's evidence is in.
        (Phase.PASSED, LeftNotice),
        (Phase.PASSED, ChoiceCommitted),
        (Phase.PASSED, RecordingNotPrepared),
        # After the end only a recording that must not stay is of any interest.
        *(
            (Phase.ENDED, late)
            for late in (
                PromptEnded,
                KeyPressed,
                ChoiceCommitted,
                RecordingNotPrepared,
                CaptureFailed,
                LeftNotice,
                PartiesChanged,
                HoldChanged,
                WithdrawalCommitted,
                WithdrawalNotCommitted,
                ErasureOrdered,
                HungUp,
                NodeLeaving,
            )
        ),
    }
)
