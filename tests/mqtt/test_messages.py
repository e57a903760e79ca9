"""What is said over MQTT: commands that are read, and those that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_gdpr.service.announcing.messages import Command, call_of, command


@pytest.mark.parametrize(
    ("payload", "read"),
    [
        (b"pause", Command(do="pause")),
        (b" withdraw\n", Command(do="withdraw")),
        (b'{"do":"stop","id":"agent-7.1"}', Command(do="stop", id="agent-7.1")),
        (b'{"do":"swap","agent":"a00ben"}', Command(do="swap", agent="a00ben")),
    ],
)
def test_a_command_is_json_or_a_word(payload: bytes, read: Command) -> None:
    """A command may be written either way."""
    assert command(payload) == read


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"erase",
        b"{}",
        b'{"do":"toggle"}',
        b'{"do":"pause","why":"x"}',
        b'{"do":"pause","id":"a b"}',
        b'{"do":"swap","agent":"PJSIP/ben"}',
        b"[1]",
        b'{"do":"pause"',
    ],
)
def test_anything_else_is_no_command(payload: bytes) -> None:
    """What is not exactly a command does nothing."""
    assert command(payload) is None


@given(st.binary())
def test_no_payload_breaks_the_reader(payload: bytes) -> None:
    """Whatever is sent, it is a command or none."""
    read = command(payload)
    assert read is None or read.do in ("pause", "resume", "stop", "withdraw", "swap")


def test_the_call_is_the_topics() -> None:
    """A command is for the call that its topic names, and for none where it names none."""
    assert call_of("a/b/pbx1/calls/c0123456789abcdef/set") == "c0123456789abcdef"
    assert call_of("a/pbx1/calls/+49151/set") == ""
    assert call_of("a/pbx1/calls/c1/other") == ""
