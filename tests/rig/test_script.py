"""Scripts say what phones do."""

from __future__ import annotations

import pytest

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.rig.script import Move, parse


def test_a_script_is_its_steps() -> None:
    """Each move is a verb and what it is done with; blanks and a last semicolon say nothing."""
    assert parse(" tone 400; wait 0.5;key *9 ; hangup;") == (
        Move("tone", "400"),
        Move("wait", "0.5"),
        Move("key", "*9"),
        Move("hangup"),
    )


@pytest.mark.parametrize(
    "move", ["sing", "tone", "tone loud", "wait -1", "key x", "hangup now", "answered", "ring 1"]
)
def test_a_step_that_no_phone_can_do_is_named(move: str) -> None:
    """A script with a fault is refused before the call, with the move at fault."""
    with pytest.raises(Misuse, match=move):
        parse(f"tone 400; {move}")
