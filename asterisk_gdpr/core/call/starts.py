"""How a call begins: it arrives, or a restart finds it."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call.moves import Step, pass_on, play
from asterisk_gdpr.core.call.state import Call, Capture, MuteReason, Outcome, Part, Phase, Pressed, Said
from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.policy import Mode


def begin(
    rules: LineRules,
    *,
    exempt: bool = False,
    switched_off: bool = False,
    sampled_out: bool = False,
    never: bool = False,
) -> Step:
    """A call has arrived; it is answered only if there is something to tell the caller.

    On a line of early media not even then: its callers pay nothing before somebody talks to them.
    An exempt line reaches us only while the dialplan does not know yet that it is exempt.
    """
    if exempt:
        return pass_on(Call(Phase.STATEMENT), Outcome.EXEMPT)
    if never and not switched_off and rules.mode is not Mode.DISABLED:
        return pass_on(Call(Phase.STATEMENT), Outcome.NEVER)
    if sampled_out and not switched_off and rules.mode is Mode.LIVE:
        return pass_on(Call(Phase.STATEMENT), Outcome.SAMPLED_OUT)
    if switched_off or rules.mode is Mode.DISABLED:
        return pass_on(Call(Phase.STATEMENT), Outcome.UNAVAILABLE)
    if rules.mode is Mode.SHADOW:
        return pass_on(Call(Phase.STATEMENT), Outcome.SHADOW)
    first = do.TakeUp() if rules.early_media else do.Answer()
    return play(Call(Phase.STATEMENT), Phase.STATEMENT, Part.STATEMENT, first)


def carry_on(purposes: frozenset[str], outcome: Outcome, *, heard: bool) -> Step:
    """A call has come to another line, where nothing is to be told: what was chosen before is made true here.

    `heard` when everything that could be agreed to has been told.
    """
    call = Call(Phase.CONFIRMING, outcome=outcome, purposes=purposes, statement_heard=heard)
    commit = do.CommitChoice(outcome, (), purposes, ())
    if purposes:
        return call, (commit,)
    return replace(call, phase=Phase.PASSED), (do.PassOn(outcome, recording=False), commit)


def agree_anew(rules: LineRules, keys: tuple[Pressed, ...]) -> Step:
    """A caller who withdrew has agreed in the talk: recorded from now on, as if they had refused before."""
    purposes = rules.optional | rules.mandatory
    answers = (Said.AGREED,) * len(rules.questions)
    call = Call(Phase.PASSED, statement_heard=True, answers=answers, outcome=Outcome.AGREED)
    commit = do.CommitChoice(Outcome.AGREED, answers, purposes, keys)
    return replace(call, purposes=purposes, agreeing=True, talked=True), (commit,)


def resume(
    *,
    outcome: Outcome,
    purposes: frozenset[str],
    capturing: bool,
    talked: bool = False,
    in_doubt: bool = False,
    unseen: bool = True,
    pause: float = 0.0,
    withdrawn: bool = False,
    told: bool = False,
) -> Step:
    """Take up a call that was passed on before a restart: muted until its parties are known again.

    `in_doubt` when its capture was left open: what it took while nobody was there is silence.
    `pause` is for how many seconds a pause goes on that it was in; 0 when it was in none.
    `talked` when its legs or notes say so; `unseen` when there are none that could.
    `withdrawn` when its caller has withdrawn; `told` when the evidence says that they heard the statement.
    """
    call = Call(Phase.PASSED, outcome=outcome, purposes=purposes, talked=talked, unseen=unseen)
    call = replace(call, withdrawn=withdrawn, statement_heard=told)
    silence = (do.Silence(),) if in_doubt else ()
    hearing = (do.KeepHearing(),) if withdrawn and not purposes else ()
    if not capturing:
        return replace(call, capture=Capture.STOPPED if purposes else Capture.NONE), (*silence, *hearing)
    if not purposes:
        return replace(call, capture=Capture.STOPPED), (do.StopCapture(), *hearing)
    mute = do.MuteCapture(MuteReason.UNWATCHED)
    call = replace(call, capture=Capture.MUTED, worn=talked)
    if pause:
        wait = do.EndPauseAfter(1, pause)
        return replace(call, paused=True, pausing=1), (do.MuteCapture(MuteReason.PAUSED), *silence, wait)
    return call, (mute, *silence)


def give_back() -> Step:
    """Take up a call that a restart found between its choice and its passing on: no recording of it."""
    call = Call(Phase.PASSED, outcome=Outcome.UNAVAILABLE, capture=Capture.STOPPED)
    return call, (do.StopCapture(), do.Abandon(), do.PassOn(Outcome.UNAVAILABLE, recording=False))
