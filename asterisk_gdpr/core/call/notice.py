"""The rules while the notice is given: what ends a prompt, what a key means, what makes it impossible."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import choice, events
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call.keys import withdraws
from asterisk_gdpr.core.call.moves import Step, given_up, play, unavailable, undo
from asterisk_gdpr.core.call.state import KEYS, Call, Outcome, Part, Phase, Pressed, Said
from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.policy import Receipt

MAX_ROUNDS = 6
"""How often a caller may ask for details or a repeat: a call must come to an end."""


def statement_ended(rules: LineRules, call: Call, event: events.PromptEnded) -> Step:
    """After the statement comes the first question, or the answer of a key that came early."""
    if event.playing != call.playing:
        return call, ()
    if not event.heard:
        return unavailable(call, do.RaiseAlarm("notice-failed"))
    call = replace(call, statement_heard=True)
    if call.early is not None:
        return _answer(rules, call, call.early)
    return _ask(rules, call)


def _ask(rules: LineRules, call: Call) -> Step:
    """The next question, or, where the caller has no say, a moment to ask for details."""
    if rules.questions:
        return play(call, Phase.QUESTION, Part.QUESTION)
    return _wait(rules, call)


def question_ended(rules: LineRules, call: Call, event: events.PromptEnded) -> Step:
    """After a question its caller has a moment to press a key."""
    if event.playing != call.playing:
        return call, ()
    if not event.heard:
        return unavailable(call, do.RaiseAlarm("notice-failed"))
    return _wait(rules, call)


def details_ended(rules: LineRules, call: Call, event: events.PromptEnded) -> Step:
    """After the details the notice goes on where it was; details that fail are no reason to end it."""
    if event.playing != call.playing:
        return call, ()
    alarm = () if event.heard else (do.RaiseAlarm("details-failed"),)
    call, effects = _ask(rules, call) if call.statement_heard else play(call, Phase.STATEMENT, Part.STATEMENT)
    return call, (*alarm, *effects)


def wait_ended(rules: LineRules, call: Call, event: events.WaitEnded) -> Step:
    """No key came: that is silence, and never more."""
    if event.playing != call.playing:
        return call, ()
    return _answer(rules, call, Said.SILENCE)


def _wait(rules: LineRules, call: Call) -> Step:
    number = call.playing + 1
    return replace(call, phase=Phase.WAITING, playing=number), (do.WaitForKey(number, rules.silence),)


def key_pressed(rules: LineRules, call: Call, event: events.KeyPressed) -> Step:
    """A key while a prompt plays or is waited after; one that means nothing here changes nothing."""
    call = replace(call, keys=(*call.keys, Pressed(event.digit, event.at))[-32:])
    if rules.questions and (event.digit == KEYS.refuse or withdraws(call.keys)):
        if not call.statement_heard and rules.mandatory:
            return replace(call, early=Said.REFUSED), ()
        return _answer(rules, call, Said.REFUSED, *_stop(call))
    if event.digit == KEYS.agree and _may_agree(rules, call):
        if call.statement_heard:
            return _answer(rules, call, Said.AGREED, *_stop(call))
        return (replace(call, early=Said.AGREED) if call.phase is Phase.STATEMENT else call), ()
    if call.rounds < MAX_ROUNDS and event.digit == KEYS.language and rules.multilingual:
        return _in_the_next_language(call)
    if event.digit == KEYS.receipt and rules.receipt is Receipt.KEY:
        return replace(call, receipt=True), ()
    if call.rounds < MAX_ROUNDS and event.digit in (KEYS.details, KEYS.repeat):
        call = replace(call, rounds=call.rounds + 1, early=None)
        if event.digit == KEYS.details:
            return play(call, Phase.DETAILS, Part.DETAILS, *_stop(call))
        return play(call, Phase.STATEMENT, Part.STATEMENT, *_stop(call))
    return call, ()


def _in_the_next_language(call: Call) -> Step:
    """The notice from its beginning: what was heard in another language may not have been understood."""
    anew = replace(call, rounds=call.rounds + 1, early=None, statement_heard=False, answers=())
    return play(anew, Phase.STATEMENT, Part.STATEMENT, *_stop(call), do.NextLanguage())


def _stop(call: Call) -> tuple[do.Effect, ...]:
    """In every phase of the notice but WAITING a prompt plays."""
    return () if call.phase is Phase.WAITING else (do.StopPlaying(),)


def _may_agree(rules: LineRules, call: Call) -> bool:
    """Agreeing means something where the question asks for consent; early, only if there is one question."""
    if len(call.answers) >= len(rules.questions):
        return False
    if not call.statement_heard and len(rules.questions) > 1:
        return False
    return bool(rules.questions[len(call.answers)].opt_in)


def _answer(rules: LineRules, call: Call, said: Said, *stop: do.Effect) -> Step:
    """The caller has answered a question; refusing before the first one is heard refuses all of them."""
    refused_all = said is Said.REFUSED and (not call.statement_heard or call.early is Said.REFUSED)
    more = len(rules.questions) - len(call.answers)
    answers = call.answers + (said,) * (more if refused_all else min(1, more))
    call = replace(call, answers=answers, early=None)
    if len(answers) < len(rules.questions):
        return play(call, Phase.QUESTION, Part.QUESTION, *stop)
    call, effects = choice.choose(rules, call)
    return call, (*stop, *effects)


def taken_back(_rules: LineRules, call: Call, _event: events.LeftNotice) -> Step:
    """The watchdog (or a redirect) took the call before we passed it on: the dialplan says `unavailable`."""
    return given_up(call), (*undo(call), do.RaiseAlarm("taken-back"))


def fax_heard(_rules: LineRules, call: Call, _event: events.FaxHeard) -> Step:
    """The dialplan has the call already, and says so: nothing of it is recorded, and nothing is wrong."""
    fax = replace(given_up(call), outcome=Outcome.FAX)
    return fax, (*undo(call), do.CommitChoice(Outcome.FAX, call.answers, frozenset(), call.keys))


def _sounding(call: Call) -> bool:
    """Whether a prompt plays now."""
    return call.acknowledging or call.phase in (Phase.STATEMENT, Phase.QUESTION, Phase.DETAILS)


def node_leaving(_rules: LineRules, call: Call, _event: events.NodeLeaving) -> Step:
    """Nobody will be there to hear the caller's answer."""
    return unavailable(call, sounding=_sounding(call))


def went_wrong(_rules: LineRules, call: Call, _event: events.WentWrong) -> Step:
    """A bug must not hold the caller up: the call goes on, unrecorded."""
    return unavailable(call, do.RaiseAlarm("call-failed"), sounding=_sounding(call))
