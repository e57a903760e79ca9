"""AMI's line protocol, pure: bytes to messages and back.

A message is a run of `Key: Value` lines, each ended by CR LF, and ends with an empty line.
Keys are not told apart by case.
A key that comes several times (`Output`, `ChanVariable`) keeps all its values, joined by line ends, which no
single value can contain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from asterisk_gdpr.errors import Misuse

LONGEST = 1 << 20
"""Bytes of one message; Asterisk's are a few kilobytes, so more is not AMI at the other end."""


_OF_A_CHANNEL = (
    "event",
    "privilege",
    "channel",
    "channelstate",
    "channelstatedesc",
    "calleridnum",
    "calleridname",
    "connectedlinenum",
    "connectedlinename",
    "language",
    "accountcode",
    "context",
    "exten",
    "priority",
    "uniqueid",
    "linkedid",
)
"""What Asterisk (18 to 22) writes in every event of a channel, in its order."""


class NotAmi(Exception):  # not a GdprError: the client tells the admin in its own words
    """The other end does not speak this protocol."""


class Message(Mapping[str, str]):
    """One response or event; a mapping from key, in any case, to value."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for key, value in pairs:
            folded = key.lower()
            held = self._values.get(folded)
            self._values[folded] = value if held is None else f"{held}\n{value}"

    def __getitem__(self, key: str) -> str:
        return self._values[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Message {self.event or self.get('response', '')}>"

    @property
    def event(self) -> str:
        """The event's name; empty for a response."""
        return self.get("event", "")

    @property
    def is_whole(self) -> bool:
        """Whether this event of a channel has all that Asterisk writes of one, each once and in its order.

        Asterisk 22 writes a caller's number as it came, and in SIP that may hold line ends (`%0D%0A`):
        whoever calls can end an event and put one of their own behind it. A number has room for 79 bytes,
        in which no event fits that is whole; and one that was broken up is not whole either.
        """
        told = [key for key in self if key in _OF_A_CHANNEL]
        return told == [*_OF_A_CHANNEL] and not any("\n" in self[key] for key in _OF_A_CHANNEL)


class Reader:
    """Puts messages together from whatever pieces arrive."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete with these bytes; raises `NotAmi` when none ever ends."""
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        if len(self._rest) > LONGEST:
            raise NotAmi("a message without an end")
        for text in whole:
            message = Message(_pairs(text))
            if message:
                yield message


def _pairs(text: bytes) -> Iterator[tuple[str, str]]:
    """The keys and values of one message; a line without a colon (the greeting) is none."""
    for line in text.decode("utf-8", errors="replace").split("\r\n"):
        key, colon, value = line.partition(":")
        if colon:
            yield key.strip(), value.removeprefix(" ")


def action(name: str, fields: Mapping[str, str | int], action_id: str) -> bytes:
    """An action as bytes; a field that holds a line end is refused, since it could add a field of its own."""
    lines = [("Action", name), ("ActionID", action_id), *fields.items()]
    text = "".join(f"{key}: {value}\r\n" for key, value in lines)
    if text.count("\r") != len(lines) or text.count("\n") != len(lines):
        raise Misuse(f"A field of the AMI action {name} holds a line end.")
    return f"{text}\r\n".encode()
