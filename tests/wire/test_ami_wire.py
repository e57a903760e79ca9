"""The laws of AMI's line protocol."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.adapters.ami_wire import LONGEST, Message, NotAmi, Reader, action
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


HANGUP = """Event: Hangup
Privilege: call,all
Timestamp: 1795481391.694870
Channel: PJSIP/trunk-00000002
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: {number}
CallerIDName: <unknown>
ConnectedLineNum: {connected}
ConnectedLineName: <unknown>
Language: en
AccountCode:{space}
Context: from-trunk
Exten: {dialled}
Priority: 1
Uniqueid: 1795481391.2
Linkedid: 1795481391.2
Cause: 16
Cause-txt: Normal Clearing

"""
VICTIM = "1795481386.0"
MOST = 79
"""Bytes of a number that Asterisk keeps."""


def _told(number: str = "+49", connected: str = "+49", dialled: str = "100") -> list[Message]:
    written = HANGUP.format(number=number, connected=connected, dialled=dialled, space=" ")
    lines = written.replace("\r\n", "\n").replace("\n", "\r\n")
    return list(Reader().feed(lines.encode()))


def test_an_event_as_asterisk_writes_it_is_whole() -> None:
    """What Asterisk says of a channel counts, also where fields are empty or new ones stand in between."""
    assert [message.is_whole for message in _told()] == [True]
    assert [message.is_whole for message in _told(dialled="1\r\nTenantID: x")] == [True]


@pytest.mark.parametrize(
    ("number", "connected", "dialled"),
    [
        (f"\r\n\r\nEvent: Hangup\r\nUniqueid: {VICTIM}\r\n\r\n", "1", "100"),
        (f"\r\n\r\nEvent:Hangup\r\nPrivilege:c\r\nChannel:c\r\nUniqueid:{VICTIM}\r\nX:", "1", "100"),
        (
            "\r\n\r\nEvent:Hangup\r\nPrivilege:\r\nChannel:\r\nChannelState:\r\nX:",
            "\r\nChannelStateDesc:\r\nCallerIDNum:",
            f"\r\nPriority:\r\nUniqueid:{VICTIM}\r\nLinkedid:\r\n\r\n",
        ),
        (f"\r\nUniqueid: {VICTIM}", "1", "100"),
    ],
)
def test_a_callers_number_makes_no_event(number: str, connected: str, dialled: str) -> None:
    """Line ends in numbers make no event that counts, of another call least of all."""
    assert max(map(len, (number, connected, dialled))) <= MOST

    messages = _told(number, connected, dialled)

    assert any(VICTIM in message.get("uniqueid", "") for message in messages)
    assert not any(message.is_whole for message in messages)
