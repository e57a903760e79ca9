"""ARI whole: what can be asked, and what happens, over a connection that comes back by itself.

    async with AriClient(...) as ari:
        events = asyncio.create_task(ari.run())

Events arrive in Asterisk's order, each once, by `on_event`, which must not block (the owner queues them).
After every connect, and before any event, `on_connected` is told: Asterisk repeats nothing of what happened
meanwhile, but keeps subscriptions and the channels in Stasis, so the owner lists those and takes them up.
`ApplicationReplaced` means that somebody else has connected as the same app: from then on this connection
is deaf, and Asterisk does not close it; we do, and try again as slowly as a person mends things.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import aiohttp

from asterisk_gdpr.adapters.ari.events import EventReader, UnknownEvent
from asterisk_gdpr.adapters.ari.generated import AnyEvent, ApplicationReplaced
from asterisk_gdpr.adapters.ari.lease import Lease
from asterisk_gdpr.adapters.ari.rest import AriRest, credentials_refused, unreachable
from asterisk_gdpr.adapters.link import Kept, Link, Pace
from asterisk_gdpr.adapters.refusals import AppTaken, AriError
from asterisk_gdpr.errors import Unreachable

QUIET = ("ChannelVarset",)
"""Most of ARI's traffic, and values of variables that are nobody's business; AMI tells who is in a bridge."""


class AriClient(AriRest, Kept):
    """ARI's operations and the events of one Stasis app.

    `unwanted` are the kinds of events that Asterisk is asked not to send; `lease` keeps others away, and us
    where another one is.
    """

    def __init__(
        self,
        base_url: str,
        user: str,
        password: str,
        app: str,
        *,
        on_event: Callable[[AnyEvent | UnknownEvent], None],
        on_connected: Callable[[], None],
        on_lost: Callable[[Unreachable], None],
        unwanted: Sequence[str] = QUIET,
        lease: Lease | None = None,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(base_url, user, password, pace=pace)
        self.app = app
        self._on_event = on_event
        self._unwanted = tuple(unwanted)
        self._lease = lease
        self._link = Link("ARI", self._serve, on_connected=on_connected, on_lost=on_lost, pace=self._pace)

    async def _serve(self, up: Callable[[], None]) -> None:
        async with self._leased(), self._socket() as socket:
            await self._choose_events()
            up()
            reader = EventReader()
            async for message in socket:
                if (
                    message.type is aiohttp.WSMsgType.TEXT
                    and (event := reader.read(message.data)) is not None
                ):
                    self._on_event(event)
                    if isinstance(event, ApplicationReplaced) and event.application == self.app:
                        raise AppTaken(
                            "Somebody else has connected to Asterisk as our app.",
                            hint="Stop one of the two, or give it an app of its own: asterisk.ari.app.",
                        )
            if isinstance(error := socket.exception(), TimeoutError | aiohttp.ClientError | OSError):
                raise unreachable(error)

    @asynccontextmanager
    async def _leased(self) -> AsyncIterator[None]:
        """Our mark on the app, for as long as the connection lasts."""
        if self._lease is None:
            yield
            return
        try:
            await self._lease.take(self)
        except AriError as error:
            raise Unreachable(f"ARI does not tell who serves the app ({error.status}).") from error
        keeping = asyncio.create_task(self._lease.keep(self), name="ARI lease")
        try:
            yield
        finally:
            keeping.cancel()

    async def _choose_events(self) -> None:
        """Only a connected app can have a filter, and a restarted Asterisk has forgotten it."""
        try:
            await self.applications.filter(
                self.app, filter={"disallowed": [{"type": kind} for kind in self._unwanted]}
            )
        except AriError as error:
            raise Unreachable(f"ARI refuses the filter of events ({error.status}).") from error

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """The WebSocket of events, closed at the end; a dead peer ends it too."""
        url = self.url(("events",), {"app": self.app, "subscribeAll": "false"})
        try:
            async with asyncio.timeout(self._pace.answer):
                socket = await self.http.ws_connect(
                    url,
                    heartbeat=self._pace.silence,
                    timeout=aiohttp.ClientWSTimeout(ws_close=self._pace.silence),
                )
        except aiohttp.WSServerHandshakeError as error:
            raise _handshake_refused(error.status) from None
        except TimeoutError:
            raise Unreachable(f"ARI gave no answer within {self._pace.answer:g} s.") from None
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(error) from None
        try:
            yield socket
        finally:
            await socket.close()


def _handshake_refused(status: int) -> Unreachable:
    """Why Asterisk would not open the WebSocket; 404 is what it says while its modules still load."""
    if status in (401, 403):
        return credentials_refused(status)
    if status == 404:
        return Unreachable("Asterisk answers, but has no ARI (yet): it is starting, or ARI is switched off.")
    return Unreachable(f"ARI refuses the connection for events ({status}).")
