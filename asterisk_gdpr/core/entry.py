"""What a call that comes to another line has been told and has answered, and what is left to tell and to ask.

A purpose is known by its *fact*: everything that a notice states of it (controller, basis, way of choosing,
period, titles, recipients). What was told as it is here is not told again, what was granted as it is here
is carried over; a purpose that was refused, withdrawn or left unanswered is *barred* for the rest of the
call. Who has said no by a word of their own (an *objection*) is not asked again by silence: every purpose
that lives on not being refused is barred for them. Only what is new is asked for, with the line's notice.

A question is spoken as the policy words it, so one in which something is new names again what is carried;
a no to it counts for all that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from asterisk_gdpr.core.call.choice import outcome_of
from asterisk_gdpr.core.call.state import Call, Outcome, Said
from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.policy import Policy

Fact = tuple[str, ...]
"""Everything that a notice states of one purpose, as texts; equal where callers are told the same."""

_UNSETTLED = (
    Outcome.UNAVAILABLE,
    Outcome.EXEMPT,
    Outcome.SHADOW,
    Outcome.SAMPLED_OUT,
    Outcome.FAX,
)
"""Nobody was asked, or no answer came about."""

_HEARD = (Outcome.AGREED, Outcome.NOT_OBJECTED, Outcome.PARTIAL, Outcome.MANDATORY)
"""What a choice comes to only after the statement was heard to its end."""


@dataclass(frozen=True)
class Before:
    """What was told and answered in a call until now, over all lines that it came through.

    `told` are purposes with their facts; `silent` are those that were granted by not refusing them.
    """

    told: frozenset[tuple[str, Fact]] = frozenset()
    granted: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    objected: bool = False
    outcome: Outcome | None = None


NOTHING = Before()


@dataclass(frozen=True)
class Entry:
    """How a call comes to a line: under which rules, whether it is told anything, what came of it if not."""

    rules: LineRules
    tells: bool
    outcome: Outcome
    heard: bool
    """Whether everything that its caller could still agree to has been told."""

    @property
    def purposes(self) -> frozenset[str]:
        """What is recorded for without a word more."""
        return self.rules.carried


def facts_of(policy: Policy, line: str) -> Mapping[str, Fact]:
    """The fact of each purpose of a line; none for a line that the policy does not have."""
    if line not in policy.lines:
        return {}
    controller = policy.controller
    who = (controller.name, controller.contact, controller.officer, controller.authority)
    recipients = sorted(f"{one.name}={one.country}" for one in policy.recipients.values())
    facts = {}
    for name in policy.lines[line].purposes:
        purpose = policy.purposes[name]
        texts = [f"{key}={text}" for each in (purpose.title, purpose.interest) for key, text in each.items()]
        why = (purpose.basis, purpose.choice, str(purpose.keep), purpose.obligation, purpose.assessment)
        facts[name] = (*who, controller.privacy_url, *recipients, *why, str(purpose.copy_on_request), *texts)
    return facts


def after(before: Before, rules: LineRules, facts: Mapping[str, Fact], call: Call) -> Before:
    """What is so when a call leaves a line, whatever has happened to it there."""
    heard = call.statement_heard or call.outcome in _HEARD
    told = before.told | facts.items() if heard else before.told
    refused = Said.REFUSED in call.answers or call.early is Said.REFUSED
    if call.unseen and call.outcome is Outcome.REFUSED:
        refused = True  # after a restart nobody knows any more how it was said
    granted = frozenset[str]() if call.agreeing else call.purposes & rules.optional
    settled = refused or call.withdrawn or call.outcome not in _UNSETTLED
    barred = (before.barred - granted) | ((rules.optional - granted) if settled else frozenset())
    if call.withdrawn or (refused and not heard):
        barred |= before.granted  # whoever says no to everything takes back what they said before
    opt_out = frozenset[str]().union(*(question.opt_out for question in rules.questions))
    silent = granted & opt_out if call.outcome is not Outcome.AGREED else frozenset[str]()
    return Before(
        told=frozenset(told),
        granted=(before.granted | granted) - barred,
        silent=(before.silent | silent) - barred,
        barred=barred,
        objected=before.objected or refused or call.withdrawn,
        outcome=Outcome.REFUSED if call.withdrawn else call.outcome,
    )


def enter(before: Before, rules: LineRules, facts: Mapping[str, Fact]) -> Entry:
    """How the call comes to a line with these rules and facts."""
    opt_out = frozenset().union(*(question.opt_out for question in rules.questions))
    known = frozenset(name for name, fact in facts.items() if (name, fact) in before.told)
    objected = opt_out - before.granted if before.objected else frozenset[str]()
    barred = rules.optional & (before.barred | objected)
    carried = (rules.optional & before.granted & known) - barred | (rules.mandatory & known)
    new = (rules.optional | rules.mandatory) - carried - barred
    questions = [
        replace(
            question,
            opt_in=question.opt_in & new,
            opt_out=question.opt_out & new,
            carried=(question.opt_in | question.opt_out) & carried,
        )
        for question in rules.questions
        if (question.opt_in | question.opt_out) & new
    ]
    asked_again = frozenset().union(*(question.carried for question in questions))
    silent = bool(carried & before.silent)
    here = replace(rules, carried=carried - asked_again, barred=barred, silent_before=silent)
    if new:
        return Entry(replace(here, questions=tuple(questions)), True, Outcome.UNAVAILABLE, False)
    outcome = outcome_of(here, carried, silent=silent)
    if outcome is Outcome.REFUSED and before.outcome is Outcome.NEVER:
        outcome = Outcome.NEVER
    return Entry(here, False, outcome, rules.optional <= known)


def is_same(here: LineRules, facts: Mapping[str, Fact], there: LineRules, its: Mapping[str, Fact]) -> bool:
    """Whether a line is for its callers what another one is: the same facts, the same rules."""
    return dict(facts) == dict(its) and replace(here, line="") == replace(there, line="")
