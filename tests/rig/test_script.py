"""Scripts say what phones do."""

from __future__ import annotations

import pytest

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.rig.script import Step, parse


def test_a_script_is_its_steps() -> None:
    """Each step is a verb and what it is done with; blanks and a last semicolon say nothing."""
    assert parse(" tone 400; wait 0.5;key *9 ; hangup;") == (
        Step("tone", "400"),
        Step("wait", "0.5"),
        Step("key", "*9"),
        Step("hangup"),
    )


@pytest.mark.parametrize(
    "step", ["sing", "tone", "tone loud", "wait -1", "key x", "hangup now", "answered", "ring 1"]
)
def test_a_step_that_no_phone_can_do_is_named(step: str) -> None:
    """A script with a fault is refused before the call, with the step at fault."""
    with pytest.raises(Misuse, match=step):
        parse(f"tone 400; {step}")
