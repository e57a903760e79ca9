"""What holds for the calls that arrive now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.never import NeverList, is_withheld
from asterisk_gdpr.core.policy import Policy, Withheld
from asterisk_gdpr.service.call.shared import PromptOf


@dataclass(frozen=True)
class InForce:
    """What holds for the calls that arrive now; replaced as a whole when it changes.

    `stopped` are lines that cannot be offered (a prompt is missing); `off` those that were switched off,
    `*` for all; `standings` tells of each endpoint what its agent has said; `prompt` its prompts;
    `never` are the numbers that are never recorded.
    """

    policy: Policy
    stopped: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    standings: Mapping[str, str] | None = None
    prompt: PromptOf | None = None
    never: NeverList | None = None

    @property
    def agents(self) -> frozenset[str]:
        """The endpoints of those who are agents now."""
        standings = self.standings or {}
        return frozenset(one for one, standing in standings.items() if standing != AgentStanding.REMOVED)

    def is_off(self, line: str) -> bool:
        """Whether calls of this line are passed on at once."""
        return line in self.stopped or line in self.off or "*" in self.off

    def is_never(self, rules: LineRules, number: str) -> bool:
        """Whether a call of this number is not even asked; what the law demands is no matter of a list."""
        if rules.mandatory:
            return False
        if is_withheld(number) and rules.withheld is Withheld.NEVER:
            return True
        return self.never is not None and self.never.has(number, rules.line)
