"""The policies that were in force once: calls keep the one under which they arrived."""

from __future__ import annotations

import tempfile
from pathlib import Path

from asterisk_gdpr.config import load_policy
from asterisk_gdpr.config.installation import PolicyAt
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, Upkeep


class EarlierPolicies:
    """Tells the policy of any version; the register keeps the text of each."""

    def __init__(self, register: Upkeep, current: Policy, at: PolicyAt, clock: Clock) -> None:
        self._register = register
        self._current = current
        self._at = at
        self._clock = clock

    def keep_current(self) -> None:
        """Keep the text of the one in force, before any call arrives under it."""
        text = self._at.path.read_text(encoding="utf-8")
        self._register.keep_policy(self._current.version, text, self._clock.now())

    def of(self, version: str) -> Policy | None:
        """The policy of a version; None when its text is gone, or means nothing to this release."""
        if version == self._current.version:
            return self._current
        text = self._register.policy_text(version)
        if text is None:
            return None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "policy.yaml"
            path.write_text(text, encoding="utf-8")
            try:
                return load_policy(path, self._at.packs, self._at.notices)
            except Refused:
                return None
