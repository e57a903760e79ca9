"""The laws of AMI's line protocol."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.adapters.ami_wire import LONGEST, NotAmi, Reader, action
from asterisk_gdpr.errors import Misuse

TEXT = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=12)
KEY = st.from_regex(r"[A-Za-z]{1,8}", fullmatch=True)
MESSAGES = st.lists(st.dictionaries(KEY.map(str.lower), TEXT, min_size=1, max_size=4), max_size=4)


@settings(max_examples=25, deadline=None)
@given(MESSAGES, st.integers(1, 40))
def test_messages_do_not_depend_on_how_they_arrive(messages: list[dict[str, str]], size: int) -> None:
    """However the bytes are cut, the same messages come out."""
    wire = "".join("".join(f"{k}: {v}\r\n" for k, v in message.items()) + "\r\n" for message in messages)
    data = b"Asterisk Call Manager/11.0.0\r\n" + wire.encode()
    reader = Reader()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]

    assert messages == [dict(message) for piece in pieces for message in reader.feed(piece)]


@settings(max_examples=25, deadline=None)
@given(KEY, TEXT)
def test_an_action_is_read_as_it_was_written(key: str, value: str) -> None:
    """Whatever a field holds, it arrives as that field and no other."""
    (message,) = Reader().feed(action("Ping", {f"X{key}": value}, "7"))

    assert {"action": "Ping", "actionid": "7", f"x{key.lower()}": value} == dict(message)


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "\r\n", "x\r\nAction: Command"])
def test_a_line_end_is_refused_in_any_field(bad: str) -> None:
    """No value, key or name can add a field of its own."""
    for fields in ({"Channel": bad}, {bad: "x"}):
        with pytest.raises(Misuse):
            action("Ping", fields, "1")


def test_repeated_keys_keep_all_their_values() -> None:
    """A key that comes several times loses nothing, in any case of its letters."""
    (message,) = Reader().feed(b"Output: a: b\r\noutput: c\r\n\r\n")

    assert message["OUTPUT"] == "a: b\nc"


def test_values_that_are_not_text_end_nothing() -> None:
    """Bytes that are no UTF-8 are replaced, not fatal."""
    (message,) = Reader().feed(b"Event: X\r\nName: \xff\r\n\r\n")

    assert message.event == "X"


def test_a_message_without_end_is_not_kept() -> None:
    """A peer that never ends a message cannot fill the memory."""
    with pytest.raises(NotAmi):
        list(Reader().feed(b"x" * (LONGEST + 1)))


def test_a_message_never_shows_its_values() -> None:
    """A message that lands in a log shows its kind, and no number."""
    (message,) = Reader().feed(b"Event: Newchannel\r\nCallerIDNum: +4915112345678\r\n\r\n")

    assert repr(message) == "<Message Newchannel>"
