"""Calls that an earlier life of this process left behind, as the register tells of them.

A call keeps the policy under which it arrived, since that is what its caller was told: the register has
the text of every policy that was ever in force. If an old one can be read no more, the rule by which
parties are cleared is not known any more either: nothing further is captured, and what was is sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from asterisk_gdpr.core.policy import Basis, LineRules, Mode, Permission, Policy, rules_of
from asterisk_gdpr.core.recording import Term
from asterisk_gdpr.ports import CallBook, CallRow, RecordingBook

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

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes that have not been ended."""
        return frozenset(term.purpose for term in self.terms if term.ended_at is None)

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
    return [
        LeftBehind(row, policy_of(row.policy), tuple(register.terms(row.recording)) if row.recording else ())
        for row in register.calls_alive(node)
    ]
