"""What any register does with a wish for a call: the fake and the real one alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Command, Register
from tests.register.samples import call, noon, second
from tests.register.test_contract import kinds


def test_a_wish_for_a_call_is_put_down_and_answered_once(register: Register) -> None:
    """What a person asks of a call is found by its node until it is answered; the ledger is told both."""
    register.add_call(call())
    wish = Command("w1", "c1", "pause", noon)
    register.ask(wish, "cli:root")
    assert register.asked(call().node) == [wish]
    assert register.asked("another") == []

    register.answer("w1", "paused", noon + second)
    register.answer("w1", "resumed", noon + second)
    assert register.asked(call().node) == []
    assert register.command("w1") == replace(wish, outcome="paused")
    assert kinds(register)[-2:] == ["command-given", "command-answered"]


def test_whom_a_swap_brings_in_is_forgotten_with_its_answer(register: Register) -> None:
    """The register does not keep which agent was brought into which call."""
    register.add_call(call())
    register.ask(Command("w1", "c1", "swap", noon, agent="a1"), "cli:root")
    assert [wish.agent for wish in register.asked(call().node)] == ["a1"]
    register.answer("w1", "swapped", noon + second)

    assert register.command("w1").agent == ""
    assert "a1" not in repr([entry.payload for entry in register.entries()])


def test_nothing_is_asked_of_a_call_that_is_over_or_unknown(register: Register) -> None:
    """A wish for a call that has ended, or that there never was, is refused."""
    register.add_call(call())
    register.end_call("c1", noon, "ended_after_talk")

    for id in ("c1", "c9"):
        with pytest.raises(Refused):
            register.ask(Command("w1", id, "pause", noon), "cli:root")
    with pytest.raises(Refused):
        register.command("w1")
