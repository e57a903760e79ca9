"""As much of SIP (RFC 3261), SDP and telephone events (RFC 4733) as a measuring phone needs, as bytes."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

HOST = "127.0.0.1"
FRAME = 160
"""Samples, and bytes of µ-law, in 20 ms."""

_EVENT_TYPE = 101
_KEYS = "0123456789*#ABCD"
_MEDIA = re.compile(r"^m=audio (\d+)", re.MULTILINE)
_CAUSE = re.compile(r"cause=(\d+)")


@dataclass(frozen=True)
class Message:
    """A message as it was read; header names are in lower case, of repeated ones the first is kept."""

    first: str
    headers: Mapping[str, str]
    body: str

    @property
    def status(self) -> int:
        """Of an answer its code, of a request 0."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        """What is asked for, or what was asked for."""
        return self.headers["cseq"].split()[1]

    @property
    def media_port(self) -> int | None:
        """Where the other side wants its sound."""
        found = _MEDIA.search(self.body)
        return int(found[1]) if found else None

    @property
    def cause(self) -> int | None:
        """Why a call ended (Q.850), if it was said."""
        found = _CAUSE.search(self.headers.get("reason", ""))
        return int(found[1]) if found else None


def parse(data: bytes) -> Message:
    """Read a message as Asterisk writes it: no folded lines, no compact names."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return Message(first, headers, body)


@dataclass
class Dialog:
    """What two sides have agreed on, as seen from one of them."""

    id: str
    target: str
    """The address of the other side, as in `sip:...`."""
    local: str
    """The header From of what this side asks, tag included."""
    remote: str
    number: int = 1
    """The last CSeq that this side has used."""

    def request(self, method: str, port: int, body: str = "") -> bytes:
        """A request within it, with the next number."""
        return self._written(method, self.number, f"{method}{self.number}", port, body)

    def acknowledge(self, port: int, *, refused: bool) -> bytes:
        """The ACK of the answer to its INVITE: of a refusal it belongs to the INVITE's own transaction."""
        return self._written("ACK", 1, "INVITE1" if refused else "ACK1", port, "")

    def _written(self, method: str, number: int, branch: str, port: int, body: str) -> bytes:
        content = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} {self.target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {HOST}:{port};rport;branch=z9hG4bK{self.id}{branch}\r\n"
            f"Max-Forwards: 70\r\nFrom: {self.local}\r\nTo: {self.remote}\r\n"
            f"Call-ID: {self.id}\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:bench@{HOST}:{port}>\r\n{content}Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


def answer(request: Message, status: str, port: int, tag: str = "", body: str = "") -> bytes:
    """An answer to a request; `tag` is added to To where it has none yet."""
    headers = request.headers
    to = headers["to"] if "tag=" in headers["to"] or not tag else f"{headers['to']};tag={tag}"
    content = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"SIP/2.0 {status}\r\nVia: {headers['via']}\r\nFrom: {headers['from']}\r\nTo: {to}\r\n"
        f"Call-ID: {headers['call-id']}\r\nCSeq: {headers['cseq']}\r\n"
        f"Contact: <sip:bench@{HOST}:{port}>\r\n{content}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def description(media_port: int) -> str:
    """The SDP of a phone that speaks µ-law and sends keys as events."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
        f"m=audio {media_port} RTP/AVP 0 {_EVENT_TYPE}\r\na=rtpmap:0 PCMU/8000\r\n"
        f"a=rtpmap:{_EVENT_TYPE} telephone-event/8000\r\na=fmtp:{_EVENT_TYPE} 0-16\r\na=ptime:20\r\n"
    )


def voice_packet(number: int, source: int, payload: bytes) -> bytes:
    """RTP (RFC 3550): frame `number` of a voice."""
    return struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, (number * FRAME) & 0xFFFFFFFF, source) + payload


def key_packets(number: int, source: int, key: str) -> list[bytes]:
    """A key of 100 ms: five packets while it is down, and its end told three times."""
    started = (number * FRAME) & 0xFFFFFFFF
    told = [(FRAME * (step + 1), 0) for step in range(5)] + [(FRAME * 5, 0x80)] * 3
    return [
        struct.pack(
            "!BBHIIBBH",
            0x80,
            _EVENT_TYPE | (0x80 if step == 0 else 0),
            (number + step) & 0xFFFF,
            started,
            source,
            _KEYS.index(key),
            end | 10,
            duration,
        )
        for step, (duration, end) in enumerate(told)
    ]


def is_loud(packet: bytes) -> bool:
    """Whether there is anything to hear in a packet of µ-law (above -48 dB of the loudest)."""
    return packet[1] & 0x7F == 0 and any(sample & 0x7F < 0x60 for sample in packet[12:])
