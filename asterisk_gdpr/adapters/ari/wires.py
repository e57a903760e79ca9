"""Kept HTTP connections to Asterisk, and requests that go out together.

A call is some ten small commands, and its caller waits for the first of them in silence. So of HTTP/1.1 no
more is spoken here than Asterisk's server does: requests and answers with their lengths. What belongs
together goes out in one piece on one connection; Asterisk carries it out in that order, without a round trip
in between.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from asterisk_gdpr.errors import Misuse

MOST_HEAD = 1 << 16
"""Bytes of an answer's head; whoever sends more is no Asterisk."""

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*(?:\r|$)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_BODILESS = (204, 304)


class NotHttp(OSError):
    """What answers does not speak as Asterisk does."""


class Answer(NamedTuple):
    """A status and what came with it."""

    status: int
    body: bytes


class Wires:
    """Connections to the server of `url`, at most `limit` at a time; `headers` go with every request.

    One that has rested for `keep` seconds is not used again.
    """

    def __init__(self, url: str, headers: Mapping[str, str], limit: int, keep: float) -> None:
        there = urlsplit(url)
        self._secure = there.scheme == "https"
        self._host = there.hostname or ""
        self._port = there.port or (443 if self._secure else 80)
        self._path = there.path
        own = {"Host": there.netloc.rpartition("@")[2], **headers}
        if any(set("\r\n") & set(f"{name}{value}") for name, value in own.items()):
            raise Misuse("A header of HTTP holds a line end.")
        self._head = "".join(f"{name}: {value}\r\n" for name, value in own.items())
        self._free = asyncio.Semaphore(limit)
        self._keep = keep
        self._resting: list[_Connection] = []
        self._asking: set[_Connection] = set()
        self._closed = False

    def request(self, method: str, target: str, body: bytes | None = None) -> bytes:
        """A request as it goes over the wire; `target` is quoted, and follows the path of `url`."""
        more = ""
        if body is not None:
            more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head = f"{method} {self._path}/{target} HTTP/1.1\r\n{self._head}{more}\r\n"
        return head.encode() + (body or b"")

    async def ask(self, requests: Sequence[bytes]) -> list[Answer]:
        """Send these in one piece; their answers, in order. Raises OSError where there is no answer."""
        async with self._free:
            connection = await self._connection()
            self._asking.add(connection)
            try:
                if self._closed:
                    raise ConnectionResetError
                answers = await connection.ask(requests)
            except BaseException:
                connection.abort()
                raise
            finally:
                self._asking.discard(connection)
            connection.rests_since = _now()
            self._resting.append(connection)
            return answers

    def close(self) -> None:
        """Let go of every connection, for good; what is asked meanwhile or later fails."""
        self._closed = True
        for connection in self._resting:
            connection.abort()
        self._resting.clear()
        for connection in self._asking:
            connection.fail()

    async def _connection(self) -> _Connection:
        while self._resting:
            connection = self._resting.pop()
            if connection.usable and _now() - connection.rests_since < self._keep:
                return connection
            connection.abort()
        secure = ssl.create_default_context() if self._secure else None
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(_Connection, self._host, self._port, ssl=secure)
        return made


class _Connection(asyncio.Protocol):
    """One connection; answers come in the order of what was asked."""

    def __init__(self) -> None:
        self.rests_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._asked: deque[asyncio.Future[Answer]] = deque()

    @property
    def usable(self) -> bool:
        """Whether something can be asked on it."""
        return self._transport is not None and not self._asked

    async def ask(self, requests: Sequence[bytes]) -> list[Answer]:
        """Send these in one piece, and wait for the last answer."""
        if self._transport is None:
            raise ConnectionResetError
        loop = asyncio.get_running_loop()
        asked = [loop.create_future() for _ in requests]
        self._asked.extend(asked)
        self._transport.write(b"".join(requests))
        return [await each for each in asked]

    def abort(self) -> None:
        """End it now; nobody waits for anything on it any more."""
        for each in self._asked:
            each.cancel()
        self._asked.clear()
        if self._transport is not None:
            self._transport.abort()

    def fail(self) -> None:
        """End it now; whoever waits for something on it is told."""
        self._lost(ConnectionResetError())

    # --- asyncio.Protocol ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Something of an answer."""
        self._received += data
        try:
            while self._asked and (answer := self._cut()) is not None:
                one = self._asked.popleft()
                if not one.done():
                    one.set_result(answer)
        except NotHttp as error:
            self._lost(error)
        if self._received and not self._asked and self._transport is not None:
            self._transport.abort()  # nobody has asked for this

    def connection_lost(self, exc: Exception | None) -> None:
        """It stands no more."""
        self._transport = None
        self._lost(exc or ConnectionResetError())

    def _lost(self, error: Exception) -> None:
        """Only the first of those who wait is told: all of them are one and the same caller."""
        asked, self._asked = self._asked, deque()
        waiting = [one for one in asked if not one.done()]
        for one in waiting[:1]:
            one.set_exception(error)
        for one in waiting[1:]:
            one.cancel()
        if self._transport is not None:
            self._transport.abort()

    def _cut(self) -> Answer | None:
        """The next whole answer; raises NotHttp for what is none."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            if len(self._received) > MOST_HEAD:
                raise NotHttp
            return None
        head = bytes(self._received[:end])
        status, length = _STATUS.match(head), _LENGTH.search(head)
        if status is None or (length is None and int(status[1]) not in _BODILESS):
            raise NotHttp
        last = end + 4 + (int(length[1]) if length else 0)
        if len(self._received) < last:
            return None
        body = bytes(self._received[end + 4 : last])
        del self._received[:last]
        if _CLOSES.search(head) and self._transport is not None:
            self._transport.close()
            self._transport = None
        return Answer(int(status[1]), body)


def _now() -> float:
    return asyncio.get_running_loop().time()
