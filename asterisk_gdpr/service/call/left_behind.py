"""Calls that an earlier life of this process left behind, as the register tells of them.

A call keeps the policy under which it arrived, since that is what its caller was told: the register has
the text of every policy that was ever in force. If an old one can be read no more, the rule by which
parties are cleared is not known any more either: nothing further is captured, and what was is sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from asterisk_gdpr.core.call.state import Part
from asterisk_gdpr.core.entry import Before
from asterisk_gdpr.core.line_rules import LineRules, rules_of
from asterisk_gdpr.core.notice import part_id
from asterisk_gdpr.core.policy import Basis, Mode, Permission, Policy
from asterisk_gdpr.core.recording import Reason, Term
from asterisk_gdpr.ports import CallBook, CallRow, RecordingBook
from asterisk_gdpr.service.call.entries import FIRST, Earlier, Left

PolicyOf = Callable[[str], Policy | None]
"""The policy of a version; None when it cannot be read any more."""


class Book(CallBook, RecordingBook, Protocol):
    """Where the register tells of them."""


@dataclass(frozen=True)
class LeftBehind:
    """A call that had not ended, the policy it arrived under, and what its recording exists for."""

    row: CallRow
    policy: Policy | None
    terms: tuple[Term, ...] = ()
    earlier: Earlier = FIRST
    heard: tuple[Mapping[str, Any], ...] = ()
    """The parts of the notice that were played to it, as the evidence of its choice has them."""

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes that have not been ended."""
        return frozenset(term.purpose for term in self.terms if term.ended_at is None)

    @property
    def withdrawn(self) -> bool:
        """Whether its caller has withdrawn, by key or aloud."""
        return any(term.ended_by in (Reason.WITHDRAWN, Reason.REQUESTED) for term in self.terms)

    @property
    def told(self) -> bool:
        """Whether the statement was heard to its end when it was played last."""
        statements = [part["heard"] for part in self.heard if part["id"] == part_id(Part.STATEMENT)]
        return bool(statements and statements[-1])

    @property
    def rules(self) -> LineRules:
        """The rules of its line as they were; what the law demands is known without a policy too."""
        line = self.policy.lines.get(self.row.line) if self.policy else None
        if self.policy and line:
            return rules_of(self.policy, line)
        mandatory = frozenset(term.purpose for term in self.terms if term.basis is Basis.LEGAL_OBLIGATION)
        return without_policy(self.row.line, mandatory)


def without_policy(line: str, mandatory: frozenset[str] = frozenset()) -> LineRules:
    """A line that no policy has (any more): nothing is asked, nothing more is recorded."""
    return LineRules(line, Mode.DISABLED, Permission.ALL_CONSENT, (), mandatory, 0.0, 0)


def left_behind(register: Book, node: str, policy_of: PolicyOf) -> list[LeftBehind]:
    """The calls of a node that have not ended; blocks."""
    return [_left_behind(register, row, policy_of(row.policy)) for row in register.calls_alive(node)]


def _left_behind(register: Book, row: CallRow, policy: Policy | None) -> LeftBehind:
    heard = _heard(register, row.id)
    own = tuple(part for part in heard if "call" not in part)
    earlier = replace(earlier_of(register, row.id), heard=tuple(part for part in heard if "call" in part))
    return LeftBehind(row, policy, _terms(register, row), earlier, own)


def _heard(register: Book, call: str) -> Sequence[Mapping[str, Any]]:
    """What was played of the notice; what was played in an earlier call of the same caller names that one."""
    evidence = register.evidence(call)
    return evidence.facts.get("notice", ()) if evidence else ()


def _terms(register: Book, row: CallRow) -> tuple[Term, ...]:
    return tuple(register.terms(row.recording)) if row.recording else ()


def earlier_of(register: Book, call: str) -> Earlier:
    """What went before a call, as far as the evidence of its choice tells: what is barred, and what was left.

    What was told and granted on the lines before is not known any more: it is told and asked anew.
    """
    evidence = register.evidence(call)
    said = evidence.facts.get("earlier") if evidence else None
    if said is None:
        return FIRST
    before = Before(barred=frozenset(said["barred"]), objected=said["objected"])
    left = earlier_of(register, said["call"]).left
    terms = [term for term in _terms(register, register.call(said["call"])) if term.ended_at is None]
    if terms:
        bound = frozenset(term.purpose for term in terms if term.basis is Basis.LEGAL_OBLIGATION)
        optional = frozenset(term.purpose for term in terms) - bound
        left = (*left, Left(terms[0].recording, optional, bool(bound)))
    return Earlier(said["call"], before, left=left)
