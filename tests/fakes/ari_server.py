"""A small ARI: real HTTP and a real WebSocket, with just enough of Asterisk behind them.

What it does is what Asterisk 22 was seen to do; `tests/wire/ari_contract.py` runs on both.
A call is originated as on the real one: `POST /channels/FAR` with `otherChannelId` makes two halves of a
Local channel, of which the other one enters Stasis.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, encode_basic_auth, web


class Refusal(Exception):
    """An answer with this status and ARI's own message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


NO_CHANNEL = Refusal(404, "Channel not found")
NOT_IN_STASIS = Refusal(409, "Channel not in Stasis application")
NO_PLAYBACK = Refusal(404, "Playback not found")


@dataclass
class Channel:
    """Half of a Local channel; a variable is set only once nothing plays."""

    id: str
    other: str
    in_stasis: bool
    variables: dict[str, str] = field(default_factory=dict)
    quiet: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.quiet.set()

    def told(self) -> dict[str, Any]:
        """The channel as ARI tells it."""
        nobody = {"name": "", "number": ""}
        return {
            "id": self.id,
            "name": f"Local/wire@from-trunk-{self.id}",
            "state": "Up",
            "caller": nobody,
            "connected": nobody,
            "accountcode": "",
            "dialplan": {"context": "c", "exten": "wire", "priority": 1, "app_name": "", "app_data": ""},
            "creationtime": _now(),
            "language": "en",
        }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


class FakeAri:
    """The server; `start`, `stop` and `start` again is a restart, which forgets everything but the port."""

    def __init__(self, user: str, password: str) -> None:
        self.user = user
        self.password = password
        self.port = 0
        self.addresses: list[str] = []
        """Paths and queries of all requests, as a log on the way would show them."""
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._forget()

    def _forget(self) -> None:
        self.channels: dict[str, Channel] = {}
        self._playbacks: dict[str, dict[str, Any]] = {}
        self.variables: dict[str, str] = {}
        self._sources: list[str] = []
        self._disallowed: set[str] = set()
        self._sockets: dict[str, web.WebSocketResponse] = {}

    async def start(self) -> None:
        """Listen."""
        application = web.Application()
        application.router.add_route("*", "/ari/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Go away."""
        self.thaw()
        for socket in list(self._sockets.values()):
            await socket.close()
        await self._runner.cleanup()
        self._forget()

    def freeze(self) -> None:
        """Answer nothing any more, not even a ping, and close nothing."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Go on."""
        self._thawed.set()

    @property
    def ari_url(self) -> str:
        """The base address of ARI."""
        return f"http://127.0.0.1:{self.port}/ari"

    async def emit(self, kind: str, app: str = "", **fields: Any) -> None:
        """Send an event to the connected apps, or to one."""
        if kind in self._disallowed:
            return
        for name, socket in list(self._sockets.items()):
            if app in ("", name):
                event = {"type": kind, "timestamp": _now(), **fields, "application": name}
                with suppress(ConnectionError):
                    await socket.send_json(event)

    async def _emit_of(self, kind: str, channel: Channel, **fields: Any) -> None:
        """An event of a channel: once for Stasis, else once for each subscription that meets it."""
        sources = [
            source for source in self._sources if source in (f"channel:{channel.id}", "endpoint:Local")
        ]
        once = {"channel": channel.told(), "timestamp": _now(), **fields}
        for _ in range(max(len(sources), int(channel.in_stasis))):
            await self.emit(kind, **once)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        await self._thawed.wait()
        self.addresses.append(request.path_qs)
        try:
            if request.headers.get("Authorization") != encode_basic_auth(self.user, self.password):
                raise Refusal(401, "Authentication required")
            parts = request.match_info["path"].split("/")
            if parts == ["events"]:
                return await self._events(request)
            arguments: Mapping[str, Any] = request.query
            if request.can_read_body:
                arguments = await request.json()
            answer = await self._act(request.method, parts, arguments)
        except Refusal as refusal:
            return web.json_response({"message": refusal.message}, status=refusal.status)
        return web.Response(status=204) if answer is None else web.json_response(answer)

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        app = request.query["app"]
        await self.emit("ApplicationReplaced", app)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self._sockets[app] = socket
        async for message in socket:
            await self._thawed.wait()
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
        if self._sockets.get(app) is socket:
            del self._sockets[app]
        return socket

    async def _act(self, method: str, parts: list[str], arguments: Mapping[str, Any]) -> Any:
        match method, parts:
            case "GET", ["asterisk", "ping"]:
                return {"asterisk_id": "fake", "ping": "pong", "timestamp": _now()}
            case "GET", ["asterisk", "variable"]:
                return {"value": self.variables.get(arguments["variable"], "")}
            case "POST", ["asterisk", "variable"]:
                self.variables[arguments["variable"]] = arguments["value"]
                return None
            case "GET", ["channels"]:
                return [channel.told() for channel in self.channels.values()]
            case "POST", ["channels", far]:
                return await self._originate(far, arguments["otherChannelId"])
            case _, ["channels", channel, *rest]:
                return await self._act_on_channel(method, self._channel(channel), rest, arguments)
            case "DELETE", ["playbacks", playback]:
                return await self._stop_playing(playback)
            case "PUT", ["applications", app, "eventFilter"] if app in self._sockets:
                self._disallowed = {each["type"] for each in arguments["disallowed"]}
                return self._application(app)
            case "POST", ["applications", app, "subscription"] if app in self._sockets:
                return self._subscribe(app, arguments["eventSource"])
        raise Refusal(404, "Resource not found")

    def _channel(self, channel: str) -> Channel:
        if channel not in self.channels:
            raise NO_CHANNEL
        return self.channels[channel]

    def _application(self, app: str) -> dict[str, Any]:
        lists = ("channel_ids", "bridge_ids", "endpoint_ids", "device_names")
        filters = ("events_allowed", "events_disallowed")
        return {"name": app, **{name: [] for name in (*lists, *filters)}}

    def _subscribe(self, app: str, sources: list[str]) -> dict[str, Any]:
        for source in sources:
            if source.startswith("channel:") and source.removeprefix("channel:") not in self.channels:
                raise Refusal(422, "Event source does not exist")
        self._sources += sources
        return self._application(app)

    async def _originate(self, far: str, near: str) -> dict[str, Any]:
        if any(channel.startswith((far, near)) for channel in self.channels):
            raise Refusal(409, "Channel with given unique ID already exists")
        self.channels[far] = Channel(far, near, in_stasis=False)
        self.channels[near] = Channel(near, far, in_stasis=True)
        told = self.channels[near].told()
        await self.emit("StasisStart", args=["notice", "sales"], channel=told)
        return self.channels[far].told()

    async def _act_on_channel(
        self, method: str, channel: Channel, rest: list[str], arguments: Mapping[str, Any]
    ) -> Any:
        match method, rest:
            case "GET", []:
                return channel.told()
            case "DELETE", []:
                return await self._hang_up(channel)
            case "GET", ["variable"]:
                if arguments["variable"] not in channel.variables:
                    raise Refusal(404, "Provided variable was not found")
                return {"value": channel.variables[arguments["variable"]]}
        if not channel.in_stasis:
            raise NOT_IN_STASIS
        match method, rest:
            case "POST", ["answer"]:
                return None
            case "POST", ["variable"]:
                await channel.quiet.wait()
                channel.variables[arguments["variable"]] = arguments["value"]
                await self._emit_of(
                    "ChannelVarset", channel, variable=arguments["variable"], value=arguments["value"]
                )
                return None
            case "POST", ["play", playback]:
                return await self._play(channel, playback, arguments["media"][0])
            case "POST", ["continue"]:
                channel.in_stasis = False
                await self.emit("StasisEnd", channel=channel.told())
                return None
        raise Refusal(404, "Resource not found")

    async def _hang_up(self, channel: Channel) -> None:
        for playback in [each for each, of in self._playbacks.items() if of["channel"] is channel]:
            await self._stop_playing(playback)
        for gone in (self.channels.pop(channel.id), self.channels.pop(channel.other)):
            gone.in_stasis = False
            await self._emit_of("ChannelDestroyed", gone, cause=16, cause_txt="Normal Clearing")

    async def _play(self, channel: Channel, playback: str, media: str) -> dict[str, Any]:
        told = {"id": playback, "media_uri": media, "target_uri": f"channel:{channel.id}", "language": "en"}
        await self.emit("PlaybackStarted", playback={**told, "state": "playing"})
        self._playbacks[playback] = {"channel": channel, "told": told}
        channel.quiet.clear()
        if "missing" in media:
            await self._stop_playing(playback, state="failed")
        return {**told, "state": "queued"}

    async def _stop_playing(self, playback: str, state: str = "done") -> None:
        if playback not in self._playbacks:
            raise NO_PLAYBACK
        of = self._playbacks.pop(playback)
        of["channel"].quiet.set()
        await self.emit("PlaybackFinished", playback={**of["told"], "state": state})
