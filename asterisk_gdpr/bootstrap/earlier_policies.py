"""The policies that were in force once: calls keep the one under which they arrived, recordings name it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from asterisk_gdpr.config import load_draft
from asterisk_gdpr.config.installation import PolicyAt
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, Upkeep

SHORTEST = 6
"""The fewest signs of a version that a person may name it by."""


class EarlierPolicies:
    """Tells the policy of any version; the register keeps the text of each."""

    def __init__(self, register: Upkeep, current: Policy, at: PolicyAt, clock: Clock) -> None:
        self._register = register
        self._current = current
        self._at = at
        self._clock = clock

    def keep_current(self) -> None:
        """Keep the text of the one in force, before any call arrives under it."""
        self.keep(self._current)

    def keep(self, policy: Policy) -> None:
        """Keep the text of one that comes into force now.

        Raises Refused (`policy-changed`) when the file is another one than it was when it was loaded.
        """
        text = self._at.path.read_bytes()
        if hashlib.sha256(text).hexdigest() != policy.version:
            raise Refused(
                "The policy was changed while it was being read.", hint="Try again.", id="policy-changed"
            )
        self._register.keep_policy(policy.version, text.decode("utf-8"), self._clock.now())
        self._current = policy

    def of(self, version: str) -> Policy | None:
        """The policy of a version; None when its text is gone, or means nothing to this release."""
        if version == self._current.version:
            return self._current
        text = self._register.policy_text(version)
        if text is None:
            return None
        try:
            return _from_text(text, self._at, load_draft)
        except Refused:
            return None


def named_policy(name: str, register: Upkeep, at: PolicyAt) -> Policy:
    """The policy that a person names: a file, or the beginning of a version that the register keeps.

    A file may lack its approval: it is looked at before it is approved.
    Raises ConfigFaults, or Refused (`no-such-policy`, `which-policy`).
    """
    if _is_file(name):
        return load_draft(Path(name), at.packs, at.notices)
    fitting = [version for version, _ in register.policy_versions() if _begins(version, name)]
    if len(fitting) > 1:
        raise Refused(
            f"{len(fitting)} versions begin with {name!r}.", hint="Name more of it.", id="which-policy"
        )
    text = register.policy_text(fitting[0]) if fitting else None
    if text is None:
        raise Refused(
            f"There is no file {name!r}, and no version of the policy that begins so.",
            hint="`asterisk-gdpr policy list` lists the versions that were in force.",
            id="no-such-policy",
        )
    return _from_text(text, at, load_draft)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:  # no file can have this name, or we may not look
        return False


def _begins(version: str, name: str) -> bool:
    return len(name) >= SHORTEST and version.startswith(name.lower())


def _from_text(text: str, at: PolicyAt, load: Callable[[Path, Path | None, Path | None], Policy]) -> Policy:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path, at.packs, at.notices)
