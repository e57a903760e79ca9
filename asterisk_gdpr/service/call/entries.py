"""A call that comes again: to another line, by the dialplan, after an overflow or a transfer.

What it was told and what it answered is looked at when everything before has been acted upon, so the
arrival waits its turn among the events of the call. Where the line is the same for its caller the call goes
on as it is; else the one that was ends (`MovedOn`), and its caller goes on as another call of the register,
which knows what went before (`core.entry`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from asterisk_gdpr.core import call as machine
from asterisk_gdpr.core import entry
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Outcome
from asterisk_gdpr.core.entry import NOTHING, Before, Entry
from asterisk_gdpr.core.line_rules import LineRules, rules_of
from asterisk_gdpr.core.policy import Policy


@dataclass(frozen=True)
class Left:
    """A recording of an earlier line, the purposes its caller has a say in, and whether the law keeps it."""

    recording: str
    optional: frozenset[str]
    bound: bool


@dataclass(frozen=True)
class Earlier:
    """What went before in a call: which call of the register it was, what was heard, what it left."""

    call: str = ""
    before: Before = NOTHING
    heard: tuple[Mapping[str, Any], ...] = ()
    left: tuple[Left, ...] = ()

    @property
    def optional(self) -> frozenset[str]:
        """Purposes of recordings that are there, in which the caller has a say."""
        return frozenset[str]().union(*(left.optional for left in self.left))

    @property
    def bound(self) -> bool:
        """Whether the law keeps one of them."""
        return any(left.bound for left in self.left)

    def known_by(self, call: Call) -> Call:
        """The call, knowing what a withdrawal reaches besides its own recording."""
        return replace(call, earlier=self.optional, bound=self.bound)

    def facts(self, rules: LineRules) -> Mapping[str, Any]:
        """What the evidence of a choice says of it; empty for a call that came by no line before."""
        if not self.call:
            return {}
        carried = rules.carried.union(*(question.carried for question in rules.questions))
        told = {"call": self.call, "carried": sorted(carried), "barred": sorted(self.before.barred)}
        return {"earlier": {**told, "objected": self.before.objected}}


FIRST = Earlier()


class Came(Protocol):
    """A call as it was taken."""

    @property
    def id(self) -> str: ...  # noqa: D102  # the class says it
    @property
    def policy(self) -> Policy: ...  # noqa: D102
    @property
    def rules(self) -> LineRules: ...  # noqa: D102
    @property
    def earlier(self) -> Earlier: ...  # noqa: D102


def until_now(came: Came, now: Call, heard: Sequence[Mapping[str, Any]], recording: str | None) -> Earlier:
    """What went before whatever this call does next; `heard` is what it was played itself."""
    call, rules, earlier = came.id, came.rules, came.earlier
    left = earlier.left
    if now.withdrawn:
        left = tuple(replace(one, optional=frozenset()) for one in left if one.bound)
    if recording is not None and now.purposes:
        left = (*left, Left(recording, now.purposes - rules.mandatory, bool(now.purposes & rules.mandatory)))
    return Earlier(
        call,
        entry.after(earlier.before, rules, entry.facts_of(came.policy, rules.line), now),
        (*earlier.heard, *({**part, "call": call} for part in heard)),
        left,
    )


def stays(came: Came, now: Call, its: Policy, other: str) -> bool:
    """Whether a call has no need to move on to another line, of the policy that is in force now."""
    policy, line = came.policy, came.rules.line
    if now.outcome is Outcome.UNAVAILABLE or line not in policy.lines or other not in its.lines:
        return False
    return entry.is_same(
        rules_of(policy, policy.lines[line]),
        entry.facts_of(policy, line),
        rules_of(its, its.lines[other]),
        entry.facts_of(its, other),
    )


def enter(earlier: Earlier, policy: Policy, rules: LineRules) -> Entry:
    """How the call comes to a line with these rules."""
    return entry.enter(earlier.before, rules, entry.facts_of(policy, rules.line))


def begin_again(earlier: Earlier, came: Entry, begun: Step) -> Step:
    """How the call begins at the line; `begun` is how one begins there that came by no line before."""
    call, effects = begun
    if came.tells or call.outcome is not None:
        return earlier.known_by(call), effects
    call, effects = machine.carry_on(came.purposes, came.outcome, heard=came.heard)
    return earlier.known_by(call), effects
