"""Asking Asterisk for things: ARI's operations over kept HTTP connections.

The arguments of POST and PUT go into the body, never into the address, so that no number and no value of
a variable stands in a URL that something on the way may log (Asterisk reads both alike).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from yarl import URL

from asterisk_gdpr.adapters.ari.generated import Resources
from asterisk_gdpr.adapters.ari.orders import Order
from asterisk_gdpr.adapters.ari.wires import Answer, Wires
from asterisk_gdpr.adapters.link import Pace
from asterisk_gdpr.adapters.refusals import AriError, ChannelGone, CredentialsRefused, NotInStasis
from asterisk_gdpr.errors import Misuse, Unreachable

T = TypeVar("T")


GONE = {"Channel not found", "Provided channel was not found"}
"""How Asterisk 22 says that a channel is not there; the status alone may also mean a variable or a route."""

ELSEWHERE = "Channel not in Stasis application"

CONNECTIONS = 16
"""Well below Asterisk's `sessionlimit` of 100, which it shares with every other user of its HTTP server."""

KEEP_SECONDS = 10.0
"""Less than Asterisk's `session_keep_alive` of 15 s: a connection that it is about to close is never used."""


class _Complaint(msgspec.Struct):
    message: str = ""


class AriRest(Resources):
    """ARI's operations, by resource: `await ari.channels.answer(channel)`.

    Used as an async context manager, which holds the HTTP connections.
    Raises `ChannelGone`, `NotInStasis`, otherwise `AriError`, where Asterisk says no;
    `CredentialsRefused` or `Unreachable` where it cannot be asked.
    `base_url` is the address with its prefix, such as `http://127.0.0.1:8088/ari`.
    """

    def __init__(self, base_url: str, user: str, password: str, *, pace: Pace | None = None) -> None:
        super().__init__(self)
        self._base = base_url.rstrip("/")
        self._pace = pace or Pace()
        self._headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._http: aiohttp.ClientSession | None = None
        self._wires: Wires | None = None

    async def __aenter__(self) -> Self:
        self._wires = Wires(self._base, self._headers, CONNECTIONS, KEEP_SECONDS)
        self._http = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=None))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._wires is not None:
            self._wires.close()
        await self.http.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        """For the WebSocket of events."""
        if self._http is None:
            raise Misuse("An ARI client is used inside `async with`.")
        return self._http

    async def send(
        self, method: str, segments: tuple[str, ...], arguments: Mapping[str, Any] | None = None
    ) -> None:
        """Send a request that is answered by nothing."""
        await self.request(method, segments, arguments)

    async def fetch(
        self,
        model: type[T],
        method: str,
        segments: tuple[str, ...],
        arguments: Mapping[str, Any] | None = None,
    ) -> T:
        """Send a request and read its answer as `model`."""
        return msgspec.json.decode(await self.request(method, segments, arguments), type=model)

    async def request(
        self, method: str, segments: tuple[str, ...], arguments: Mapping[str, Any] | None = None
    ) -> bytes:
        """Send any request; `segments` are the path's parts, not yet quoted; `None` is left out."""
        (answer,) = await self._ask([(method, segments, arguments or {})])
        if answer.status >= 400:
            raise refusal(*answer)
        return answer.body

    async def in_order(self, *orders: Order) -> None:
        """Send these without a round trip in between; all are carried out, whatever comes of those before.

        Raises what the first that Asterisk refused stands for.
        """
        for answer in await self._ask(orders):
            if answer.status >= 400:
                raise refusal(*answer)

    async def _ask(self, orders: Sequence[Order]) -> list[Answer]:
        if self._wires is None:
            raise Misuse("An ARI client is used inside `async with`.")
        requests = [self._written(self._wires, *order) for order in orders]
        try:
            async with asyncio.timeout(self._pace.answer):
                return await self._wires.ask(requests)
        except TimeoutError:
            raise Unreachable(f"ARI gave no answer within {self._pace.answer:g} s.") from None
        except OSError as error:
            raise unreachable(error) from None

    @staticmethod
    def _written(wires: Wires, method: str, segments: tuple[str, ...], arguments: Mapping[str, Any]) -> bytes:
        given = {name: value for name, value in arguments.items() if value is not None}
        if method in ("POST", "PUT"):
            return wires.request(method, _target(segments, {}), msgspec.json.encode(given))
        return wires.request(method, _target(segments, given))

    def url(self, segments: tuple[str, ...], query: Mapping[str, Any]) -> URL:
        """The address of a resource, for whoever does not ask by `request`."""
        return URL(f"{self._base}/{_target(segments, query)}", encoded=True)


def _target(segments: tuple[str, ...], query: Mapping[str, Any]) -> str:
    """Path and query; several values of one argument are joined by commas, as ARI wants."""
    path = "/".join(quote(segment, safe="") for segment in segments)
    pairs = {
        name: ",".join(value) if isinstance(value, list | tuple) else value for name, value in query.items()
    }
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


def refusal(status: int, answer: bytes) -> AriError | ChannelGone | CredentialsRefused:
    """The error that an answer of 400 or more stands for."""
    try:
        message = msgspec.json.decode(answer, type=_Complaint).message
    except msgspec.DecodeError:
        message = ""
    if message in GONE:
        return ChannelGone("The channel has hung up.")
    if message == ELSEWHERE:
        return NotInStasis("The channel is not in Stasis.")
    if status in (401, 403):
        return credentials_refused(status)
    return AriError(status, message or "no reason given")


def credentials_refused(status: int) -> CredentialsRefused:
    """What 401 (who we are) and 403 (what we may, and from where) mean to the admin."""
    if status == 401:
        return CredentialsRefused(
            "Asterisk refuses our ARI user or password.",
            hint="Compare the user in ari.conf with the configuration, then `ari reload` in Asterisk.",
        )
    return CredentialsRefused(
        "Asterisk does not allow our ARI user to do this.",
        hint="In ari.conf the user needs read_only=no and an ACL that permits this host.",
    )


def unreachable(error: Exception) -> Unreachable:
    """An error of the connection, by its kind alone: aiohttp's own text may bear our credentials."""
    return Unreachable(f"ARI does not answer ({type(error).__name__}).")
