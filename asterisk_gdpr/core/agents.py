"""Whether a person who takes the call is cleared: the permission rule of a line, applied to a party.

| the line's permission | consented | informed | withdrawn | not identified |
|---|---|---|---|---|
| `all_consent` | cleared | not | not | not |
| `all_informed` | cleared | cleared | not | not |
| `statute` | cleared | cleared | cleared | not |

Under a statute the law is the ground and not the person's will, so a withdrawn consent changes
nothing; but the person must have been told (Art. 13), which only the register of agents can show.
Hence who cannot be identified is never cleared: a stranger, a transfer to an outside number,
an endpoint that several people share.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from asterisk_gdpr.core.policy import Permission


class AgentStanding(StrEnum):
    """What the register of agents knows of a person."""

    CONSENTED = "consented"
    INFORMED = "informed"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    """Takes no more calls; cleared for nothing."""


class Why(StrEnum):
    """The rule that cleared a party, or did not."""

    CONSENTED = "consented"
    INFORMED = "informed"
    STATUTE = "statute"
    NOT_CONSENTED = "not_consented"
    WITHDRAWN = "withdrawn"
    UNIDENTIFIED = "unidentified"
    TOLD = "told"
    """Nobody knows them, but they heard the statement in this call, and the line asks for no more."""
    AGREED = "agreed"
    """Nobody knows them, but they have agreed in this call by a key, after the statement."""


class Clearance(NamedTuple):
    """Whether a party is cleared, and by which rule."""

    cleared: bool
    why: Why


def cleared(permission: Permission, standing: str | None) -> Clearance:
    """Whether a party is cleared on a line; `standing` is None (or no `AgentStanding`) when unknown."""
    if standing not in set(AgentStanding) - {AgentStanding.REMOVED}:
        return Clearance(False, Why.UNIDENTIFIED)
    if permission is Permission.STATUTE:
        return Clearance(True, Why.STATUTE)
    if standing == AgentStanding.WITHDRAWN:
        return Clearance(False, Why.WITHDRAWN)
    if standing == AgentStanding.CONSENTED:
        return Clearance(True, Why.CONSENTED)
    if permission is Permission.ALL_INFORMED:
        return Clearance(True, Why.INFORMED)
    return Clearance(False, Why.NOT_CONSENTED)
