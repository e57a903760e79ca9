"""What holds for the calls that arrive now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.service.shared import PromptOf


@dataclass(frozen=True)
class InForce:
    """What holds for the calls that arrive now; replaced as a whole when it changes.

    `stopped` are lines that cannot be offered (a prompt is missing); `off` those that were switched off,
    `*` for all; `standings` tells of each endpoint what its agent has said; `prompt` its prompts.
    """

    policy: Policy
    stopped: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    standings: Mapping[str, str] | None = None
    prompt: PromptOf | None = None

    def is_off(self, line: str) -> bool:
        """Whether calls of this line are passed on at once."""
        return line in self.stopped or line in self.off or "*" in self.off
