"""What the contract suites play on: one Asterisk, real or fake, and our clients in front of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.ari.client import QUIET, AriClient
from asterisk_gdpr.adapters.ari.generated import StasisStart
from asterisk_gdpr.adapters.ari.lease import Lease
from asterisk_gdpr.adapters.link import Pace
from asterisk_gdpr.errors import Unreachable

APP = "asterisk-gdpr"
FAST = Pace(first=0.01, most=0.05, mend=0.05, answer=1.0, silence=0.1)
T = TypeVar("T")


class Server(Protocol):
    """An Asterisk with one user that a test may restart and freeze."""

    user: str
    password: str

    async def stop(self) -> None: ...
    async def start(self) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...


class AriServer(Server, Protocol):
    """One that has ARI."""

    @property
    def ari_url(self) -> str: ...


class AmiServer(Server, Protocol):
    """One that has AMI, on the loopback."""

    @property
    def ami_port(self) -> int: ...


@contextmanager
def frozen(asterisk: Server) -> Iterator[None]:
    """An Asterisk that keeps its connections and answers nothing, for as long as the block lasts."""
    asterisk.freeze()
    try:
        yield
    finally:
        asterisk.thaw()


@dataclass
class Told:
    """All that a client told its owner, in order."""

    events: list[Any] = field(default_factory=list)
    connects: int = 0
    losses: list[Unreachable] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def event(self, event: Any) -> None:
        assert self.connects, "an event came before the connection was told"
        self.events.append(event)
        self.news.set()

    def connected(self) -> None:
        self.connects += 1
        self.news.set()

    def lost(self, problem: Unreachable) -> None:
        self.losses.append(problem)
        self.news.set()

    async def until(self, question: Callable[[], T], seconds: float = 10.0) -> T:
        """Wait until the answer is true, and return it."""
        async with asyncio.timeout(seconds):
            while not (answer := question()):
                self.news.clear()
                await self.news.wait()
        return answer

    async def one(self, kind: type[T], where: Callable[[T], bool] = lambda _: True) -> T:
        """The first event of this kind that fits."""
        found = await self.until(lambda: [e for e in self.events if isinstance(e, kind) and where(e)])
        return found[0]

    async def named(self, name: str) -> Message:
        """The first AMI event of this name."""
        return await self.one(Message, lambda message: message.event == name)


@asynccontextmanager
async def _running(client: AriClient | AmiClient) -> AsyncIterator[None]:
    running = asyncio.create_task(client.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


@asynccontextmanager
async def ari_client(
    asterisk: AriServer,
    told: Told,
    pace: Pace,
    *,
    password: str = "",
    unwanted: tuple[str, ...] = QUIET,
    lease: Lease | None = None,
) -> AsyncIterator[AriClient]:
    """An ARI client that runs; connected, unless its password is wrong."""
    client = AriClient(
        asterisk.ari_url,
        asterisk.user,
        password or asterisk.password,
        APP,
        on_event=told.event,
        on_connected=told.connected,
        on_lost=told.lost,
        unwanted=unwanted,
        lease=lease,
        pace=pace,
    )
    async with client, _running(client):
        await told.until(lambda: told.connects or told.losses)
        yield client


@asynccontextmanager
async def ami_client(
    asterisk: AmiServer, told: Told, pace: Pace, *, secret: str = ""
) -> AsyncIterator[AmiClient]:
    """An AMI client that runs; logged in, unless its secret is wrong."""
    client = AmiClient(
        "127.0.0.1",
        asterisk.ami_port,
        asterisk.user,
        secret or asterisk.password,
        on_event=told.event,
        on_connected=told.connected,
        on_lost=told.lost,
        pace=pace,
    )
    async with _running(client):
        await told.until(lambda: told.connects or told.losses)
        yield client


async def call_in_stasis(ari: AriClient, told: Told, name: str) -> str:
    """Make a call that enters our app, and return its channel's id; its other half is `far-NAME`."""
    await ari.channels.originate_with_id(
        f"far-{name}",
        endpoint="Local/wire@from-trunk/n",
        context="from-trunk",
        extension="wire-far",
        priority=1,
        other_channel_id=name,
    )
    await told.one(StasisStart, lambda event: event.channel.id == name)
    return name


def everything_logged(records: list[logging.LogRecord]) -> str:
    """All that was logged at any level, arguments and tracebacks included."""
    formatter = logging.Formatter("%(name)s %(message)s")
    return "\n".join(formatter.format(record) + repr(record.args) for record in records)
