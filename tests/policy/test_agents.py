"""Who is cleared."""

from __future__ import annotations

import pytest

from asterisk_gdpr.core.agents import AgentStanding, Why, cleared
from asterisk_gdpr.core.policy import Permission


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("standing", [None, "", "unknown", "CONSENTED"])
def test_who_cannot_be_identified_is_never_cleared(permission: Permission, standing: str | None) -> None:
    """No permission rule, a statute included, clears somebody whom the register does not know."""
    assert cleared(permission, standing) == (False, Why.UNIDENTIFIED)


def test_consent_clears_everywhere() -> None:
    """Whoever has consented is cleared under every rule."""
    assert all(cleared(permission, AgentStanding.CONSENTED).cleared for permission in Permission)


def test_information_is_no_consent() -> None:
    """Whoever was merely informed is cleared only where information is enough."""
    assert cleared(Permission.ALL_CONSENT, "informed") == (False, Why.NOT_CONSENTED)
    assert cleared(Permission.ALL_INFORMED, "informed") == (True, Why.INFORMED)
    assert cleared(Permission.STATUTE, "informed") == (True, Why.STATUTE)


def test_a_withdrawal_counts_where_the_will_counts() -> None:
    """Whoever withdrew is not cleared, except where a statute and not their will is the ground."""
    assert cleared(Permission.ALL_CONSENT, "withdrawn") == (False, Why.WITHDRAWN)
    assert cleared(Permission.ALL_INFORMED, "withdrawn") == (False, Why.WITHDRAWN)
    assert cleared(Permission.STATUTE, "withdrawn") == (True, Why.STATUTE)
