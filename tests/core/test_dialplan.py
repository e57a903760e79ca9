"""What the dialplan is told of the policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asterisk_gdpr.core.dialplan import exempt_dialplan, notations, passing_lines
from asterisk_gdpr.core.policy import Controller, Line, Mode, Policy

POLICY = Policy(
    controller=Controller("Example Energy", "privacy@example.com", "https://example.com"),
    pack="eu",
    approval=None,
    purposes={},
    lines={
        line.name: line
        for line in (
            Line("outage", exempt=True),
            Line("old", mode=Mode.DISABLED),
            Line("billing", mode=Mode.SHADOW),
            Line("sales"),
        )
    },
    exempt_numbers=("112", "116 117", "+49 30 901820"),
    version="v1",
)


def test_exempt_and_disabled_lines_pass() -> None:
    """A line that is exempt or disabled reaches no app; live and shadow lines do."""
    assert passing_lines(POLICY) == ("old", "outage")


@pytest.mark.parametrize(
    ("number", "country", "found"),
    [
        ("112", "DE", {"112"}),
        ("116 117", "DE", {"116117"}),
        ("+49 30 901820", "DE", {"+4930901820", "4930901820", "004930901820", "030901820"}),
        ("030/901820", "DE", {"+4930901820", "4930901820", "004930901820", "030901820"}),
        ("+49 30 901820", "US", {"+4930901820", "4930901820", "0114930901820"}),
        ("(212) 555-2368", "US", {"2125552368", "+12125552368", "12125552368", "01112125552368"}),
        ("*99#", "DE", {"*99#"}),
        ("help", "DE", set()),
    ],
)
def test_a_number_in_every_notation(number: str, country: str, found: set[str]) -> None:
    """A subscriber's number passes in each way it may arrive; an emergency number as it is dialled."""
    assert set(notations(number, country)) == found


def test_the_file_holds_nothing_else() -> None:
    """Two contexts, one extension for each line and number, and the policy's version."""
    assert exempt_dialplan(replace(POLICY, exempt_numbers=("112",)), "DE").splitlines()[1:] == [
        "; Policy v1",
        "[asterisk-gdpr-exempt-lines]",
        "exten => line-old,1,NoOp()",
        "exten => line-outage,1,NoOp()",
        "[asterisk-gdpr-exempt-numbers]",
        "exten => n-112,1,NoOp()",
    ]
