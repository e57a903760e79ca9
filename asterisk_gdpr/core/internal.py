"""Calls within the house: by which line's rules they are treated.

Colleagues who call each other are data subjects like anybody else, but no line was made for them: the notice
of `sales` would tell them of purposes that are not theirs. So a call from one of the house's own endpoints is
treated by a line of its own, and where the policy names none it is neither told nor recorded. What the law
demands to be recorded is recorded all the same, unless the controller has named a line.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase

from asterisk_gdpr.core.policy import Asking, Line, Policy


@dataclass(frozen=True)
class Treatment:
    """The line by whose rules a call is treated; `off`: it is neither told nor recorded."""

    line: str
    internal: bool = False
    off: bool = False


def is_internal(policy: Policy, endpoint: str, agents: Collection[str]) -> bool:
    """Whether an endpoint (`PJSIP/anna`) is of the house: an agent's, or one that the policy names."""
    if not endpoint:
        return False
    return endpoint in agents or any(fnmatchcase(endpoint, one) for one in policy.internal.endpoints)


def treatment(policy: Policy, line: str, endpoint: str, agents: Collection[str]) -> Treatment:
    """How a call is treated that the dialplan gave to `line`; `endpoint` is the data subject's."""
    if not is_internal(policy, endpoint, agents):
        return Treatment(line)
    if policy.internal.line:
        return Treatment(policy.internal.line, internal=True)
    return Treatment(line, internal=True, off=not _demanded(policy, policy.lines.get(line)))


def _demanded(policy: Policy, line: Line | None) -> bool:
    """Whether the law demands that calls on a line be recorded."""
    return line is not None and any(
        policy.purposes[name].choice is Asking.NONE for name in line.purposes if name in policy.purposes
    )
