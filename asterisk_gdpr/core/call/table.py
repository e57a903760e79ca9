"""Every pair of phase and event, and what answers it: one table of rules, one of what is ignored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asterisk_gdpr.core.call import (
    beep,
    choice,
    end,
    events,
    joiners,
    notice,
    pause,
    renewal,
    sight,
    talk,
    withdrawal,
)
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Phase
from asterisk_gdpr.core.line_rules import LineRules

_Rule = Callable[[LineRules, Call, Any], Step]
_IN_NOTICE = (Phase.STATEMENT, Phase.QUESTION, Phase.WAITING, Phase.DETAILS)

RULES: dict[tuple[Phase, type[Any]], _Rule] = {
    (Phase.STATEMENT, events.PromptEnded): notice.statement_ended,
    (Phase.QUESTION, events.PromptEnded): notice.question_ended,
    (Phase.DETAILS, events.PromptEnded): notice.details_ended,
    (Phase.WAITING, events.WaitEnded): notice.wait_ended,
    **{(phase, events.KeyPressed): notice.key_pressed for phase in _IN_NOTICE},
    **{(phase, events.LeftNotice): notice.taken_back for phase in (*_IN_NOTICE, Phase.CONFIRMING)},
    **{(phase, events.FaxHeard): notice.fax_heard for phase in (*_IN_NOTICE, Phase.CONFIRMING)},
    **{(phase, events.HungUp): end.hung_up for phase in (*_IN_NOTICE, Phase.CONFIRMING, Phase.PASSED)},
    (Phase.PASSED, events.MovedOn): end.moved_on,
    **{(phase, events.NodeLeaving): notice.node_leaving for phase in (*_IN_NOTICE, Phase.CONFIRMING)},
    **{(phase, events.WentWrong): notice.went_wrong for phase in (*_IN_NOTICE, Phase.CONFIRMING)},
    (Phase.CONFIRMING, events.PromptEnded): choice.acknowledged,
    (Phase.CONFIRMING, events.KeyPressed): choice.key_pressed,
    (Phase.CONFIRMING, events.ChoiceCommitted): choice.committed,
    (Phase.CONFIRMING, events.ChoiceNotCommitted): choice.not_committed,
    (Phase.CONFIRMING, events.RecordingPrepared): choice.prepared,
    (Phase.CONFIRMING, events.RecordingNotPrepared): choice.not_prepared,
    (Phase.CONFIRMING, events.CaptureStarted): choice.capture_started,
    (Phase.CONFIRMING, events.CaptureFailed): choice.capture_failed,
    (Phase.CONFIRMING, events.ErasureOrdered): choice.erasure_ordered,
    (Phase.PASSED, events.KeyPressed): talk.key_pressed,
    (Phase.PASSED, events.PartiesChanged): talk.parties_changed,
    (Phase.PASSED, events.HoldChanged): talk.hold_changed,
    **{(phase, events.SightLost): sight.lost for phase in Phase if phase is not Phase.ENDED},
    **{(phase, events.SightRegained): sight.regained for phase in Phase if phase is not Phase.ENDED},
    (Phase.PASSED, events.WithdrawalCommitted): withdrawal.committed,
    (Phase.PASSED, events.WithdrawalNotCommitted): withdrawal.not_committed,
    (Phase.PASSED, events.ChoiceCommitted): withdrawal.late_committed,
    (Phase.PASSED, events.ChoiceNotCommitted): withdrawal.late_not_committed,
    (Phase.PASSED, events.RecordingPrepared): renewal.prepared,
    (Phase.PASSED, events.RecordingNotPrepared): renewal.not_prepared,
    (Phase.PASSED, events.StretchReady): renewal.stretch_ready,
    (Phase.PASSED, events.CaptureStarted): renewal.started,
    (Phase.PASSED, events.CaptureFailed): renewal.failed,
    (Phase.PASSED, events.ErasureOrdered): withdrawal.erasure_ordered,
    (Phase.PASSED, events.Commanded): talk.commanded,
    (Phase.PASSED, events.PauseEnded): pause.ended,
    (Phase.PASSED, events.BeepDue): beep.due,
    (Phase.PASSED, events.PartyTold): joiners.told,
    (Phase.PASSED, events.PartyPressed): joiners.pressed,
    (Phase.PASSED, events.WhisperEnded): withdrawal.whisper_ended,
    **{(phase, events.Commanded): talk.commanded_elsewhere for phase in Phase if phase is not Phase.PASSED},
    (Phase.PASSED, events.NodeLeaving): talk.node_leaving,
    (Phase.PASSED, events.WentWrong): talk.went_wrong,
    (Phase.ENDED, events.WentWrong): talk.went_wrong_after_all,
    (Phase.ENDED, events.RecordingPrepared): talk.late_prepared,
    (Phase.ENDED, events.CaptureStarted): talk.late_started,
    (Phase.ENDED, events.ChoiceNotCommitted): talk.late_not_committed,
}

_OF_THE_TALK = (
    events.PauseEnded,
    events.BeepDue,
    events.PartyTold,
    events.PartyPressed,
    events.StretchReady,
    events.WhisperEnded,
)
_RESULTS = (
    events.ChoiceCommitted,
    events.ChoiceNotCommitted,
    events.RecordingPrepared,
    events.RecordingNotPrepared,
)
_RESULTS_OF_CAPTURE = (
    events.CaptureStarted,
    events.CaptureFailed,
    events.WithdrawalCommitted,
    events.WithdrawalNotCommitted,
)

IGNORED: frozenset[tuple[Phase, type[Any]]] = frozenset(
    {
        # The end of a wait that a key has ended, and of a prompt that was stopped.
        *((phase, events.WaitEnded) for phase in Phase if phase is not Phase.WAITING),
        (Phase.WAITING, events.PromptEnded),
        (Phase.PASSED, events.PromptEnded),
        # Nothing has been asked for yet whose result these could be.
        *((phase, result) for phase in _IN_NOTICE for result in (*_RESULTS, *_RESULTS_OF_CAPTURE)),
        (Phase.CONFIRMING, events.WithdrawalCommitted),
        (Phase.CONFIRMING, events.WithdrawalNotCommitted),
        # Bridges and hold before the call is passed on are not a talk.
        *((phase, events.PartiesChanged) for phase in (*_IN_NOTICE, Phase.CONFIRMING)),
        *((phase, events.HoldChanged) for phase in (*_IN_NOTICE, Phase.CONFIRMING)),
        # What begins in the talk ends in it.
        *((phase, late) for phase in Phase if phase is not Phase.PASSED for late in _OF_THE_TALK),
        # Before the choice there is no recording.
        *((phase, events.ErasureOrdered) for phase in _IN_NOTICE),
        # Only what has been passed on comes to another line.
        *((phase, events.MovedOn) for phase in Phase if phase is not Phase.PASSED),
        # Passing on was our own doing.
        (Phase.PASSED, events.LeftNotice),
        # In the talk a fax's tone is the dialplan's business.
        (Phase.PASSED, events.FaxHeard),
        # After the end only a recording that must not stay is of any interest.
        *(
            (Phase.ENDED, late)
            for late in (
                events.PromptEnded,
                events.KeyPressed,
                events.ChoiceCommitted,
                events.RecordingNotPrepared,
                events.CaptureFailed,
                events.LeftNotice,
                events.FaxHeard,
                events.PartiesChanged,
                events.HoldChanged,
                events.SightLost,
                events.SightRegained,
                events.WithdrawalCommitted,
                events.WithdrawalNotCommitted,
                events.ErasureOrdered,
                events.HungUp,
                events.NodeLeaving,
            )
        ),
    }
)


def step(rules: LineRules, call: Call, event: events.Event) -> Step:
    """The call after an event, and what must be done, in order.

    Raises `KeyError` for an event that has no declared answer in this phase: a bug, never a fact of life.
    """
    place = (call.phase, type(event))
    if place in IGNORED:
        return call, ()
    return beep.opened(rules, call, RULES[place](rules, call, event))
