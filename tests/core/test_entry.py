"""The laws of a call that comes to another line: told what is new, recorded no more widely than before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest

from asterisk_gdpr.core.call import begin, carry_on
from asterisk_gdpr.core.call.state import Call, Outcome, Phase, Said
from asterisk_gdpr.core.entry import NOTHING, Before, Entry, Fact, after, enter, facts_of, is_same
from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.policy import Mode, Period, Policy, Unit
from tests.calls.stage import POLICY

from .walk import BOTH, LINES, OPT_IN, OPT_OUT, SECOND, World, rules, walk

SECOND_LINES = {
    **{name: line for name, line in LINES.items() if line.mode is Mode.LIVE},
    "together": rules(replace(OPT_IN, opt_in=OPT_IN.opt_in | SECOND.opt_in)),
}

FEW = ("opt-in", "opt-out", "mandatory")
"""Those that the slow tests do not walk."""


def facts(line: LineRules) -> Mapping[str, Fact]:
    """The facts of a line of the tests: of one name everybody is told the same."""
    return {name: (name,) for name in line.optional | line.mandatory}


@cache
def left(line: str) -> dict[tuple[Before, bool], None]:
    """Everything that can be so when a call leaves a line, and whether its caller has pressed to agree."""
    found: dict[tuple[Before, bool], None] = {}

    def visit(call: Call, world: World) -> None:
        if call.phase is Phase.PASSED and world.alive and not world.in_stasis:
            found[after(NOTHING, LINES[line], facts(LINES[line]), call), world.agreed] = None

    walk(LINES[line], visit=visit)
    return found


def check(before: Before, came: Entry, line: LineRules) -> None:
    """What must hold of every entry."""
    asked = frozenset[str]().union(*(question.opt_in | question.opt_out for question in came.rules.questions))
    carried = came.rules.carried.union(*(question.carried for question in came.rules.questions))
    assert carried - line.mandatory <= before.granted, "nothing goes on that was not granted"
    assert not carried & before.barred, "nothing goes on that was refused since"
    if came.tells:
        assert not asked & before.barred, "what was refused is not asked for again"
        assert not asked & carried, "what was granted is not asked for again"
        if before.objected:
            assert not any(question.opt_out for question in came.rules.questions), (
                "silence undoes no objection"
            )
    else:
        assert came.outcome is not Outcome.AGREED or before.granted


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(line, marks=pytest.mark.thorough if line in FEW else pytest.mark.slow)
        for line in SECOND_LINES
    ],
)
def test_every_history_over_two_lines_obeys_the_laws_of_capture(second: str) -> None:
    """However a call left its first line: what was refused is captured nowhere, what is new is told first."""
    line, walked = SECOND_LINES[second], set()
    for first in SECOND_LINES.keys() & LINES.keys():
        for before, agreed in left(first):
            came = enter(before, line, facts(line))
            check(before, came, line)
            start = None if came.tells else carry_on(came.purposes, came.outcome, heard=came.heard)
            world = World(statement_heard=not came.tells and came.heard, agreed=agreed)
            if (came, world) not in walked:
                walked.add((came, world))
                walk(came.rules, start=start or begin(came.rules), world=world)
    assert len(walked) > 2


def settled(outcome: Outcome, granted: str = "", *, said: Said | None = None, line: str = "opt-in") -> Before:
    """What is so of a caller who left a line with this outcome."""
    purposes = frozenset(filter(None, [granted]))
    answers = (said,) if said else ()
    call = Call(Phase.PASSED, statement_heard=True, outcome=outcome, purposes=purposes, answers=answers)
    return after(NOTHING, LINES[line], facts(LINES[line]), call)


def test_what_was_granted_goes_on_where_it_is_told_the_same() -> None:
    """A line with the same purpose under the same facts tells nothing and records for it."""
    came = enter(
        settled(Outcome.AGREED, "quality", said=Said.AGREED), LINES["opt-in"], facts(LINES["opt-in"])
    )

    assert (came.tells, came.purposes, came.outcome) == (False, {"quality"}, Outcome.AGREED)


def test_another_fact_of_a_purpose_is_told_anew() -> None:
    """A longer period, another basis, another controller: what was granted under the old one is asked for."""
    before = settled(Outcome.AGREED, "quality", said=Said.AGREED)
    came = enter(before, LINES["opt-in"], {"quality": ("quality", "2 years")})

    assert came.tells and came.rules.questions[0].opt_in == {"quality"}
    assert not came.rules.carried


def test_only_what_is_new_is_asked() -> None:
    """Of two questions the one about what was granted is not asked, and the other keeps its place."""
    before = settled(Outcome.AGREED, "quality", said=Said.AGREED)
    came = enter(before, LINES["one question each"], facts(LINES["one question each"]))

    (question,) = came.rules.questions
    assert question.opt_in == {"training"} and came.rules.carried == {"quality"}


def test_a_refusal_is_an_objection_to_what_silence_would_allow() -> None:
    """Who has said no by key is asked for nothing that a missing objection would grant."""
    before = settled(Outcome.REFUSED, said=Said.REFUSED)
    came = enter(before, LINES["opt-out"], facts(LINES["opt-out"]))

    assert (came.tells, came.purposes, came.outcome) == (False, frozenset(), Outcome.REFUSED)
    assert enter(before, LINES["both in one question"], facts(rules(BOTH))).purposes == frozenset()


def test_silence_on_a_question_of_consent_is_no_objection() -> None:
    """Who did not answer when asked for consent may still be told of a purpose that they can object to."""
    before = settled(Outcome.REFUSED, said=Said.SILENCE)

    assert enter(before, LINES["opt-out"], facts(rules(OPT_OUT))).tells
    assert not enter(before, LINES["opt-in"], facts(rules(OPT_IN))).tells, "and is not asked the same twice"


def test_what_was_not_objected_to_is_never_called_agreed() -> None:
    """A purpose that silence granted goes on as `not_objected`."""
    before = settled(Outcome.NOT_OBJECTED, "disputes", said=Said.SILENCE, line="opt-out")
    came = enter(before, LINES["opt-out"], facts(LINES["opt-out"]))

    assert came.outcome is Outcome.NOT_OBJECTED


def test_a_number_that_is_never_recorded_on_a_line_is_not_asked_for_its_purposes_elsewhere() -> None:
    """The never list bars what its line would have recorded, on every line that the call comes to."""
    never = Call(Phase.PASSED, outcome=Outcome.NEVER)
    before = after(NOTHING, LINES["opt-in"], facts(LINES["opt-in"]), never)
    came = enter(before, LINES["opt-in"], facts(LINES["opt-in"]))

    assert (came.tells, came.outcome) == (False, Outcome.NEVER)
    assert enter(before, LINES["opt-out"], facts(LINES["opt-out"])).tells


def test_a_withdrawal_takes_back_what_was_granted_on_every_line() -> None:
    """After `*9` nothing that any line was granted goes on anywhere in the call."""
    granted = settled(Outcome.AGREED, "quality", said=Said.AGREED)
    withdrawn = Call(Phase.PASSED, statement_heard=True, outcome=Outcome.NOT_OBJECTED, withdrawn=True)
    before = after(granted, LINES["opt-out"], facts(LINES["opt-out"]), withdrawn)

    assert not before.granted and before.objected
    assert not enter(before, LINES["opt-in"], facts(LINES["opt-in"])).purposes


def policy(**changes: object) -> Policy:
    """The policy of the stage, its purpose `quality` changed."""
    quality = replace(POLICY.purposes["quality"], **changes)  # type: ignore[arg-type]  # fields of it
    return replace(POLICY, purposes={**POLICY.purposes, "quality": quality})


@pytest.mark.parametrize(
    "changes",
    [
        {"keep": Period(91, Unit.DAYS)},
        {"title": {"en": "something else"}},
        {"interest": {"en": "an interest"}},
        {"copy_on_request": True},
    ],
)
def test_what_a_notice_states_of_a_purpose_is_its_fact(changes: dict[str, object]) -> None:
    """Period, titles, interest and what can be had of it are told to callers, so a change is told too."""
    assert facts_of(POLICY, "sales") != facts_of(policy(**changes), "sales")


def test_who_decides_is_a_fact_of_every_purpose() -> None:
    """Another controller is told anew, whatever the purpose."""
    other = replace(POLICY, controller=replace(POLICY.controller, name="Another Company"))

    assert facts_of(POLICY, "sales") != facts_of(other, "sales")
    assert facts_of(POLICY, "sales") == facts_of(policy(second_person=True), "sales")


def test_a_line_is_the_same_only_under_the_same_rules() -> None:
    """Other pauses, tones or rules of permission make another line, though it tells the same."""
    line = LINES["opt-in"]

    assert is_same(line, facts(line), replace(line, line="other"), facts(line))
    assert not is_same(line, facts(line), replace(line, beep=15), facts(line))
