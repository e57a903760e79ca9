"""The laws of kept connections: answers come to those who asked, in order, or nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from asterisk_gdpr.adapters.ari.rest import AriRest
from asterisk_gdpr.adapters.ari.wires import MOST_HEAD, Answer, NotHttp, Wires
from asterisk_gdpr.adapters.link import Pace
from asterisk_gdpr.errors import Misuse, Unreachable

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Hands each connection to `serve`, and counts them."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.connections = 0

    async def taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def wires(serve: Serve, *, limit: int = 4, keep: float = 10.0) -> AsyncIterator[tuple[Wires, Server]]:
    """Wires to such a server."""
    server = Server(serve)
    listening = await asyncio.start_server(server.taken, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    made = Wires(f"http://127.0.0.1:{port}/ari", {"Authorization": "Basic x"}, limit, keep)
    try:
        yield made, server
    finally:
        made.close()
        listening.close()


async def request(reader: asyncio.StreamReader) -> bytes:
    """The next request's first line."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b"Content-Length: " in head:
        await reader.readexactly(int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0]))
    return head.split(b"\r\n")[0]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request by its target."""
    while True:
        target = (await request(reader)).split()[1]
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length:%d\r\nServer: x\r\n\r\n%s" % (len(target), target))


async def test_what_belongs_together_goes_out_in_one_piece() -> None:
    """Requests that are asked together are on one connection, and each gets its own answer, in order."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(1 << 16))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n" + OK[:20])
        await asyncio.sleep(0.01)
        writer.write(OK[20:] + b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone")

    async with wires(serve) as (made, server):
        asked = [made.request("POST", "a", b"{}"), made.request("POST", "b", b"{}"), made.request("GET", "c")]
        answers = await made.ask(asked)

    assert answers == [Answer(204, b""), Answer(200, b"{}"), Answer(404, b"gone")]
    assert seen == [b"".join(asked)]
    assert server.connections == 1


async def test_a_connection_is_used_again_until_it_has_rested_too_long() -> None:
    """A kept connection serves the next request, unless the server may be about to close it."""
    async with wires(echo, keep=0.2) as (made, server):
        for target in ("a", "b"):
            assert await made.ask([made.request("GET", target)]) == [Answer(200, f"/ari/{target}".encode())]
        assert server.connections == 1
        await asyncio.sleep(0.3)
        await made.ask([made.request("GET", "c")])

    assert server.connections == 2


async def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    """Whoever asks after the server has closed a resting connection gets a new one, and an answer."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(OK)

    async with wires(once) as (made, server):
        for _ in range(3):
            assert await made.ask([made.request("GET", "a")]) == [Answer(200, b"{}")]
            await asyncio.sleep(0.02)

    assert server.connections == 3


async def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    """Who gave up waiting leaves the connection, so that the next never gets the answer to another's."""

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await request(reader)).split()[1]
        await asyncio.sleep(0.1 if target == b"/ari/slow" else 0)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(target), target))

    async with wires(slow, limit=1) as (made, _):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await made.ask([made.request("GET", "slow"), made.request("GET", "slower")])
        assert await made.ask([made.request("GET", "quick")]) == [Answer(200, b"/ari/quick")]


@pytest.mark.parametrize(
    "said",
    [b"", OK[:30], b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n{}", b"x" * (MOST_HEAD + 1)],
    ids=["nothing", "half", "not HTTP", "no length", "no end"],
)
async def test_whatever_is_no_answer_is_an_error_of_the_connection(said: bytes) -> None:
    """Nobody waits for the rest of what cannot become an answer, nor for those behind it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(said)

    async with wires(serve) as (made, _):
        with pytest.raises((ConnectionError, NotHttp)):
            await made.ask([made.request("GET", "a"), made.request("GET", "b")])


async def test_no_more_connections_than_are_allowed() -> None:
    """However many ask at the same time, they share the connections that there may be."""
    async with wires(echo, limit=3) as (made, server):
        answers = await asyncio.gather(*(made.ask([made.request("GET", str(each))]) for each in range(50)))

    assert [answer for (answer,) in answers] == [Answer(200, f"/ari/{each}".encode()) for each in range(50)]
    assert server.connections == 3


async def test_a_line_end_gets_into_no_header() -> None:
    """A header that would be two is refused before anything is sent."""
    with pytest.raises(Misuse):
        Wires("http://127.0.0.1/ari", {"Authorization": "x\r\nX-Other: y"}, 1, 1.0)


async def test_nobody_listens() -> None:
    """Where nobody listens, that is said by its kind alone."""
    async with AriRest("http://127.0.0.1:1/ari", "u", "p", pace=Pace(answer=1.0)) as rest:
        with pytest.raises(Unreachable, match="ConnectionRefusedError"):
            await rest.asterisk.ping()


async def test_what_is_asked_while_all_is_let_go_fails() -> None:
    """Who waits for an answer as the wires are let go is told at once, and no connection outlives them."""
    came, ended = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        came.set()
        await reader.read()
        ended.set()

    async with wires(serve) as (made, _):
        asking = asyncio.ensure_future(made.ask([made.request("GET", "a"), made.request("GET", "b")]))
        await came.wait()
        made.close()
        with pytest.raises(OSError):
            await asking
        await asyncio.wait_for(ended.wait(), 5)
        with pytest.raises(OSError):
            await made.ask([made.request("GET", "c")])
