"""ARI's models, events and operations, typed.

Made from the API description of Asterisk 22.10.1 by tools/generate_ari.py; do not edit, generate anew.
Names of fields and events are ARI's own; methods and arguments are in Python's spelling.
An argument that is left out (`None`) is not sent: Asterisk's own default holds.
The status codes are those that Asterisk declares; what is raised for them is told by `rest.AriRest`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from msgspec import Struct

MADE_FROM = "22.10.1"

T = TypeVar("T")

Many = list[str] | tuple[str, ...]
"""Several values of one argument; a bare `str` is not meant, since it is a sequence of letters too."""


class Sender(Protocol):
    """What carries out a request: `segments` are the path's parts, not yet quoted."""

    async def send(
        self, method: str, segments: tuple[str, ...], arguments: Mapping[str, Any] | None = None
    ) -> None:
        """Send a request that is answered by nothing."""
        ...

    async def fetch(
        self,
        model: type[T],
        method: str,
        segments: tuple[str, ...],
        arguments: Mapping[str, Any] | None = None,
    ) -> T:
        """Send a request and read its answer as `model`."""
        ...


class Model(Struct, frozen=True, kw_only=True):
    """What ARI speaks of; fields that this product does not know are passed over."""


class Resource:
    """The operations under one path of ARI."""

    def __init__(self, ari: Sender) -> None:
        self._ari = ari


class Application(Model, frozen=True, kw_only=True):
    """ARI's model `Application`."""

    name: str
    channel_ids: list[str]
    bridge_ids: list[str]
    endpoint_ids: list[str]
    device_names: list[str]
    events_allowed: list[dict[str, Any]]
    events_disallowed: list[dict[str, Any]]


class BuildInfo(Model, frozen=True, kw_only=True):
    """ARI's model `BuildInfo`."""

    os: str
    kernel: str
    options: str
    machine: str
    date: str
    user: str


class SystemInfo(Model, frozen=True, kw_only=True):
    """ARI's model `SystemInfo`."""

    version: str
    entity_id: str


class SetId(Model, frozen=True, kw_only=True):
    """ARI's model `SetId`."""

    user: str
    group: str


class ConfigInfo(Model, frozen=True, kw_only=True):
    """ARI's model `ConfigInfo`."""

    name: str
    default_language: str
    max_channels: int | None = None
    max_open_files: int | None = None
    max_load: float | None = None
    setid: SetId


class StatusInfo(Model, frozen=True, kw_only=True):
    """ARI's model `StatusInfo`."""

    startup_time: datetime
    last_reload_time: datetime


class AsteriskInfo(Model, frozen=True, kw_only=True):
    """ARI's model `AsteriskInfo`."""

    build: BuildInfo | None = None
    system: SystemInfo | None = None
    config: ConfigInfo | None = None
    status: StatusInfo | None = None


class AsteriskPing(Model, frozen=True, kw_only=True):
    """ARI's model `AsteriskPing`."""

    asterisk_id: str
    ping: str
    timestamp: str


class Module(Model, frozen=True, kw_only=True):
    """ARI's model `Module`."""

    name: str
    description: str
    use_count: int
    status: str
    support_level: str


class Variable(Model, frozen=True, kw_only=True):
    """ARI's model `Variable`."""

    value: str


class Bridge(Model, frozen=True, kw_only=True):
    """ARI's model `Bridge`."""

    id: str
    technology: str
    bridge_type: str
    bridge_class: str
    creator: str
    name: str
    channels: list[str]
    video_mode: str | None = None
    video_source_id: str | None = None
    creationtime: datetime | None = None
    bridgevars: dict[str, Any] | None = None


class Playback(Model, frozen=True, kw_only=True):
    """ARI's model `Playback`."""

    id: str
    media_uri: str
    next_media_uri: str | None = None
    target_uri: str
    language: str | None = None
    state: str


class CallerID(Model, frozen=True, kw_only=True):
    """ARI's model `CallerID`."""

    name: str
    number: str


class DialplanCEP(Model, frozen=True, kw_only=True):
    """ARI's model `DialplanCEP`."""

    context: str
    exten: str
    priority: int
    app_name: str
    app_data: str


class Channel(Model, frozen=True, kw_only=True):
    """ARI's model `Channel`."""

    id: str
    protocol_id: str | None = None
    name: str
    state: str
    caller: CallerID
    connected: CallerID
    accountcode: str
    dialplan: DialplanCEP
    creationtime: datetime
    language: str
    channelvars: dict[str, Any] | None = None
    caller_rdnis: str | None = None
    tenantid: str | None = None


class Variables(Model, frozen=True, kw_only=True):
    """ARI's model `Variables`."""

    variables: dict[str, Any]


class Endpoint(Model, frozen=True, kw_only=True):
    """ARI's model `Endpoint`."""

    technology: str
    resource: str
    state: str | None = None
    channel_ids: list[str]


class Event(Model, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What every event bears."""

    application: str
    timestamp: datetime


class ApplicationReplaced(Event, frozen=True, kw_only=True):
    """ARI's event `ApplicationReplaced`."""


class StasisStart(Event, frozen=True, kw_only=True):
    """ARI's event `StasisStart`."""

    args: list[str]
    channel: Channel
    replace_channel: Channel | None = None


class StasisEnd(Event, frozen=True, kw_only=True):
    """ARI's event `StasisEnd`."""

    channel: Channel


class PlaybackStarted(Event, frozen=True, kw_only=True):
    """ARI's event `PlaybackStarted`."""

    playback: Playback


class PlaybackContinuing(Event, frozen=True, kw_only=True):
    """ARI's event `PlaybackContinuing`."""

    playback: Playback


class PlaybackFinished(Event, frozen=True, kw_only=True):
    """ARI's event `PlaybackFinished`."""

    playback: Playback


class BridgeCreated(Event, frozen=True, kw_only=True):
    """ARI's event `BridgeCreated`."""

    bridge: Bridge


class BridgeDestroyed(Event, frozen=True, kw_only=True):
    """ARI's event `BridgeDestroyed`."""

    bridge: Bridge


class BridgeMerged(Event, frozen=True, kw_only=True):
    """ARI's event `BridgeMerged`."""

    bridge: Bridge
    bridge_from: Bridge


class BridgeBlindTransfer(Event, frozen=True, kw_only=True):
    """ARI's event `BridgeBlindTransfer`."""

    channel: Channel
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    exten: str
    context: str
    result: str
    is_external: bool
    bridge: Bridge | None = None


class BridgeAttendedTransfer(Event, frozen=True, kw_only=True):
    """ARI's event `BridgeAttendedTransfer`."""

    transferer_first_leg: Channel
    transferer_second_leg: Channel
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    transfer_target: Channel | None = None
    result: str
    is_external: bool
    transferer_first_leg_bridge: Bridge | None = None
    transferer_second_leg_bridge: Bridge | None = None
    destination_type: str
    destination_bridge: str | None = None
    destination_application: str | None = None
    destination_link_first_leg: Channel | None = None
    destination_link_second_leg: Channel | None = None
    destination_threeway_channel: Channel | None = None
    destination_threeway_bridge: Bridge | None = None


class ChannelCreated(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelCreated`."""

    channel: Channel


class ChannelDestroyed(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelDestroyed`."""

    cause: int
    cause_txt: str
    tech_cause: int | None = None
    channel: Channel


class ChannelHangupRequest(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelHangupRequest`."""

    cause: int | None = None
    tech_cause: int | None = None
    soft: bool | None = None
    channel: Channel


class ChannelStateChange(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelStateChange`."""

    channel: Channel


class ChannelDialplan(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelDialplan`."""

    channel: Channel
    dialplan_app: str
    dialplan_app_data: str


class ChannelEnteredBridge(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelEnteredBridge`."""

    bridge: Bridge
    channel: Channel | None = None


class ChannelLeftBridge(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelLeftBridge`."""

    bridge: Bridge
    channel: Channel


class ChannelHold(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelHold`."""

    channel: Channel
    musicclass: str | None = None


class ChannelUnhold(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelUnhold`."""

    channel: Channel


class ChannelConnectedLine(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelConnectedLine`."""

    channel: Channel


class ChannelDtmfReceived(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelDtmfReceived`."""

    digit: str
    duration_ms: int
    channel: Channel


class ChannelUserevent(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelUserevent`."""

    eventname: str
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None
    userevent: dict[str, Any]


class ChannelVarset(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelVarset`."""

    variable: str
    value: str
    channel: Channel | None = None


class ChannelCallerId(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelCallerId`."""

    caller_presentation: int
    caller_presentation_txt: str
    channel: Channel


class ChannelTalkingStarted(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelTalkingStarted`."""

    channel: Channel


class ChannelTalkingFinished(Event, frozen=True, kw_only=True):
    """ARI's event `ChannelTalkingFinished`."""

    channel: Channel
    duration: int


class Dial(Event, frozen=True, kw_only=True):
    """ARI's event `Dial`."""

    caller: Channel | None = None
    peer: Channel
    forward: str | None = None
    forwarded: Channel | None = None
    dialstring: str | None = None
    dialstatus: str


AnyEvent = (
    ApplicationReplaced
    | StasisStart
    | StasisEnd
    | PlaybackStarted
    | PlaybackContinuing
    | PlaybackFinished
    | BridgeCreated
    | BridgeDestroyed
    | BridgeMerged
    | BridgeBlindTransfer
    | BridgeAttendedTransfer
    | ChannelCreated
    | ChannelDestroyed
    | ChannelHangupRequest
    | ChannelStateChange
    | ChannelDialplan
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | ChannelHold
    | ChannelUnhold
    | ChannelConnectedLine
    | ChannelDtmfReceived
    | ChannelUserevent
    | ChannelVarset
    | ChannelCallerId
    | ChannelTalkingStarted
    | ChannelTalkingFinished
    | Dial
)
"""An event of ARI that this product knows."""


class Applications(Resource):
    """`/applications`."""

    async def list_all(self) -> list[Application]:
        """`GET /applications`."""
        return await self._ari.fetch(list[Application], "GET", ("applications",))

    async def get(self, application_name: str) -> Application:
        """`GET /applications/{applicationName}`; may be refused with 404."""
        return await self._ari.fetch(Application, "GET", ("applications", application_name))

    async def subscribe(self, application_name: str, *, event_source: Many) -> Application:
        """`POST /applications/{applicationName}/subscription`; may be refused with 400, 404, 422.

        Works for channels outside Stasis too, as `channel:ID`; lasts beyond the connection.
        """
        return await self._ari.fetch(
            Application,
            "POST",
            ("applications", application_name, "subscription"),
            {"eventSource": event_source},
        )

    async def unsubscribe(self, application_name: str, *, event_source: Many) -> Application:
        """`DELETE /applications/{applicationName}/subscription`; may be refused with 400, 404, 409, 422."""
        return await self._ari.fetch(
            Application,
            "DELETE",
            ("applications", application_name, "subscription"),
            {"eventSource": event_source},
        )

    async def filter(self, application_name: str, *, filter: dict[str, Any] | None = None) -> Application:
        """`PUT /applications/{applicationName}/eventFilter`; may be refused with 400, 404.

        The filter is the whole body: `allowed` and `disallowed` list `{'type': EVENT}`.
        """
        return await self._ari.fetch(
            Application, "PUT", ("applications", application_name, "eventFilter"), filter
        )


class Asterisk(Resource):
    """`/asterisk`."""

    async def get_info(self, *, only: Many | None = None) -> AsteriskInfo:
        """`GET /asterisk/info`."""
        return await self._ari.fetch(AsteriskInfo, "GET", ("asterisk", "info"), {"only": only})

    async def ping(self) -> AsteriskPing:
        """`GET /asterisk/ping`."""
        return await self._ari.fetch(AsteriskPing, "GET", ("asterisk", "ping"))

    async def list_modules(self) -> list[Module]:
        """`GET /asterisk/modules`."""
        return await self._ari.fetch(list[Module], "GET", ("asterisk", "modules"))

    async def get_module(self, module_name: str) -> Module:
        """`GET /asterisk/modules/{moduleName}`; may be refused with 404, 409."""
        return await self._ari.fetch(Module, "GET", ("asterisk", "modules", module_name))

    async def get_global_var(self, *, variable: str) -> Variable:
        """`GET /asterisk/variable`; may be refused with 400."""
        return await self._ari.fetch(Variable, "GET", ("asterisk", "variable"), {"variable": variable})

    async def set_global_var(self, *, variable: str, value: str | None = None) -> None:
        """`POST /asterisk/variable`; may be refused with 400."""
        await self._ari.send("POST", ("asterisk", "variable"), {"variable": variable, "value": value})


class Bridges(Resource):
    """`/bridges`."""

    async def list_all(self) -> list[Bridge]:
        """`GET /bridges`."""
        return await self._ari.fetch(list[Bridge], "GET", ("bridges",))

    async def create_with_id(
        self,
        bridge_id: str,
        *,
        type: str | None = None,
        name: str | None = None,
        variables: dict[str, Any] | None = None,
    ) -> Bridge:
        """`POST /bridges/{bridgeId}`; may be refused with 409."""
        return await self._ari.fetch(
            Bridge, "POST", ("bridges", bridge_id), {"type": type, "name": name, "variables": variables}
        )

    async def get(self, bridge_id: str) -> Bridge:
        """`GET /bridges/{bridgeId}`; may be refused with 404."""
        return await self._ari.fetch(Bridge, "GET", ("bridges", bridge_id))

    async def destroy(self, bridge_id: str) -> None:
        """`DELETE /bridges/{bridgeId}`; may be refused with 404."""
        await self._ari.send("DELETE", ("bridges", bridge_id))

    async def add_channel(
        self,
        bridge_id: str,
        *,
        channel: Many,
        role: str | None = None,
        absorb_dtmf: bool | None = None,
        mute: bool | None = None,
        inhibit_connected_line_updates: bool | None = None,
    ) -> None:
        """`POST /bridges/{bridgeId}/addChannel`; may be refused with 400, 404, 409, 422.

        Refused with 422 until the channel's `StasisStart` has come.
        """
        await self._ari.send(
            "POST",
            ("bridges", bridge_id, "addChannel"),
            {
                "channel": channel,
                "role": role,
                "absorbDTMF": absorb_dtmf,
                "mute": mute,
                "inhibitConnectedLineUpdates": inhibit_connected_line_updates,
            },
        )

    async def remove_channel(self, bridge_id: str, *, channel: Many) -> None:
        """`POST /bridges/{bridgeId}/removeChannel`; may be refused with 400, 404, 409, 422."""
        await self._ari.send("POST", ("bridges", bridge_id, "removeChannel"), {"channel": channel})

    async def start_moh(self, bridge_id: str, *, moh_class: str | None = None) -> None:
        """`POST /bridges/{bridgeId}/moh`; may be refused with 404, 409."""
        await self._ari.send("POST", ("bridges", bridge_id, "moh"), {"mohClass": moh_class})

    async def stop_moh(self, bridge_id: str) -> None:
        """`DELETE /bridges/{bridgeId}/moh`; may be refused with 404, 409."""
        await self._ari.send("DELETE", ("bridges", bridge_id, "moh"))

    async def play_with_id(
        self,
        bridge_id: str,
        playback_id: str,
        *,
        media: Many,
        announcer_format: str | None = None,
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
    ) -> Playback:
        """`POST /bridges/{bridgeId}/play/{playbackId}`; may be refused with 404, 409, 422.

        Media that does not exist is accepted too: only `PlaybackFinished` says `failed`.
        """
        return await self._ari.fetch(
            Playback,
            "POST",
            ("bridges", bridge_id, "play", playback_id),
            {
                "media": media,
                "announcer_format": announcer_format,
                "lang": lang,
                "offsetms": offsetms,
                "skipms": skipms,
            },
        )


class Channels(Resource):
    """`/channels`."""

    async def list_all(self) -> list[Channel]:
        """`GET /channels`."""
        return await self._ari.fetch(list[Channel], "GET", ("channels",))

    async def originate_with_id(
        self,
        channel_id: str,
        *,
        endpoint: str,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        app: str | None = None,
        app_args: str | None = None,
        caller_id: str | None = None,
        timeout_seconds: int | None = None,
        variables: dict[str, Any] | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
    ) -> Channel:
        """`POST /channels/{channelId}`; may be refused with 400, 409.

        An id that begins the id of a channel that lives counts as taken (409): choose ids of one length.
        """
        return await self._ari.fetch(
            Channel,
            "POST",
            ("channels", channel_id),
            {
                "endpoint": endpoint,
                "extension": extension,
                "context": context,
                "priority": priority,
                "label": label,
                "app": app,
                "appArgs": app_args,
                "callerId": caller_id,
                "timeout": timeout_seconds,
                "variables": variables,
                "otherChannelId": other_channel_id,
                "originator": originator,
                "formats": formats,
            },
        )

    async def create(
        self,
        *,
        endpoint: str,
        app: str,
        app_args: str | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
        variables: dict[str, Any] | None = None,
    ) -> Channel:
        """`POST /channels/create`; may be refused with 409.

        An id that begins the id of a channel that lives counts as taken (409): choose ids of one length.
        """
        return await self._ari.fetch(
            Channel,
            "POST",
            ("channels", "create"),
            {
                "endpoint": endpoint,
                "app": app,
                "appArgs": app_args,
                "channelId": channel_id,
                "otherChannelId": other_channel_id,
                "originator": originator,
                "formats": formats,
                "variables": variables,
            },
        )

    async def dial(
        self, channel_id: str, *, caller: str | None = None, timeout_seconds: int | None = None
    ) -> None:
        """`POST /channels/{channelId}/dial`; may be refused with 404, 409."""
        await self._ari.send(
            "POST", ("channels", channel_id, "dial"), {"caller": caller, "timeout": timeout_seconds}
        )

    async def get(self, channel_id: str) -> Channel:
        """`GET /channels/{channelId}`; may be refused with 404."""
        return await self._ari.fetch(Channel, "GET", ("channels", channel_id))

    async def hangup(
        self,
        channel_id: str,
        *,
        reason_code: str | None = None,
        reason: Literal[
            "normal",
            "busy",
            "congestion",
            "no_answer",
            "timeout",
            "rejected",
            "unallocated",
            "normal_unspecified",
            "number_incomplete",
            "codec_mismatch",
            "interworking",
            "failure",
            "answered_elsewhere",
        ]
        | None = None,
    ) -> None:
        """`DELETE /channels/{channelId}`; may be refused with 400, 404."""
        await self._ari.send(
            "DELETE", ("channels", channel_id), {"reason_code": reason_code, "reason": reason}
        )

    async def continue_in_dialplan(
        self,
        channel_id: str,
        *,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        label: str | None = None,
    ) -> None:
        """`POST /channels/{channelId}/continue`; may be refused with 404, 409, 412.

        Answered at once, but takes effect only when a prompt that plays has ended.
        """
        await self._ari.send(
            "POST",
            ("channels", channel_id, "continue"),
            {"context": context, "extension": extension, "priority": priority, "label": label},
        )

    async def move(self, channel_id: str, *, app: str, app_args: str | None = None) -> None:
        """`POST /channels/{channelId}/move`; may be refused with 404, 409."""
        await self._ari.send("POST", ("channels", channel_id, "move"), {"app": app, "appArgs": app_args})

    async def answer(self, channel_id: str) -> None:
        """`POST /channels/{channelId}/answer`; may be refused with 404, 409, 412."""
        await self._ari.send("POST", ("channels", channel_id, "answer"))

    async def ring(self, channel_id: str) -> None:
        """`POST /channels/{channelId}/ring`; may be refused with 404, 409, 412."""
        await self._ari.send("POST", ("channels", channel_id, "ring"))

    async def ring_stop(self, channel_id: str) -> None:
        """`DELETE /channels/{channelId}/ring`; may be refused with 404, 409, 412."""
        await self._ari.send("DELETE", ("channels", channel_id, "ring"))

    async def progress(self, channel_id: str) -> None:
        """`POST /channels/{channelId}/progress`; may be refused with 404, 409, 412.

        Since Asterisk 20.16.0, 21.11.0, 22.6.0.
        """
        await self._ari.send("POST", ("channels", channel_id, "progress"))

    async def send_dtmf(
        self,
        channel_id: str,
        *,
        dtmf: str | None = None,
        before: int | None = None,
        between: int | None = None,
        duration: int | None = None,
        after: int | None = None,
    ) -> None:
        """`POST /channels/{channelId}/dtmf`; may be refused with 400, 404, 409, 412."""
        await self._ari.send(
            "POST",
            ("channels", channel_id, "dtmf"),
            {"dtmf": dtmf, "before": before, "between": between, "duration": duration, "after": after},
        )

    async def mute(self, channel_id: str, *, direction: Literal["both", "in", "out"] | None = None) -> None:
        """`POST /channels/{channelId}/mute`; may be refused with 404, 409, 412."""
        await self._ari.send("POST", ("channels", channel_id, "mute"), {"direction": direction})

    async def unmute(self, channel_id: str, *, direction: Literal["both", "in", "out"] | None = None) -> None:
        """`DELETE /channels/{channelId}/mute`; may be refused with 404, 409, 412."""
        await self._ari.send("DELETE", ("channels", channel_id, "mute"), {"direction": direction})

    async def hold(self, channel_id: str) -> None:
        """`POST /channels/{channelId}/hold`; may be refused with 404, 409, 412."""
        await self._ari.send("POST", ("channels", channel_id, "hold"))

    async def unhold(self, channel_id: str) -> None:
        """`DELETE /channels/{channelId}/hold`; may be refused with 404, 409, 412."""
        await self._ari.send("DELETE", ("channels", channel_id, "hold"))

    async def start_moh(self, channel_id: str, *, moh_class: str | None = None) -> None:
        """`POST /channels/{channelId}/moh`; may be refused with 404, 409, 412."""
        await self._ari.send("POST", ("channels", channel_id, "moh"), {"mohClass": moh_class})

    async def stop_moh(self, channel_id: str) -> None:
        """`DELETE /channels/{channelId}/moh`; may be refused with 404, 409, 412."""
        await self._ari.send("DELETE", ("channels", channel_id, "moh"))

    async def start_silence(self, channel_id: str) -> None:
        """`POST /channels/{channelId}/silence`; may be refused with 404, 409, 412."""
        await self._ari.send("POST", ("channels", channel_id, "silence"))

    async def stop_silence(self, channel_id: str) -> None:
        """`DELETE /channels/{channelId}/silence`; may be refused with 404, 409, 412."""
        await self._ari.send("DELETE", ("channels", channel_id, "silence"))

    async def play_with_id(
        self,
        channel_id: str,
        playback_id: str,
        *,
        media: Many,
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
    ) -> Playback:
        """`POST /channels/{channelId}/play/{playbackId}`; may be refused with 404, 409, 412.

        Media that does not exist is accepted too: only `PlaybackFinished` says `failed`.
        """
        return await self._ari.fetch(
            Playback,
            "POST",
            ("channels", channel_id, "play", playback_id),
            {"media": media, "lang": lang, "offsetms": offsetms, "skipms": skipms},
        )

    async def get_channel_var(self, channel_id: str, *, variable: str) -> Variable:
        """`GET /channels/{channelId}/variable`; may be refused with 400, 404, 409."""
        return await self._ari.fetch(
            Variable, "GET", ("channels", channel_id, "variable"), {"variable": variable}
        )

    async def set_channel_var(
        self, channel_id: str, *, variable: str, value: str | None = None, report_events: bool | None = None
    ) -> None:
        """`POST /channels/{channelId}/variable`; may be refused with 400, 404, 409.

        Waits behind a prompt that plays on the channel until the prompt ends: stop the playback first.
        """
        await self._ari.send(
            "POST",
            ("channels", channel_id, "variable"),
            {"variable": variable, "value": value, "report_events": report_events},
        )

    async def get_channel_vars(self, channel_id: str, *, variables: Many) -> Variables:
        """`GET /channels/{channelId}/variables`; may be refused with 400, 404, 409.

        Since Asterisk 20.20.0, 22.10.0, 23.4.0.
        """
        return await self._ari.fetch(
            Variables, "GET", ("channels", channel_id, "variables"), {"variables": variables}
        )

    async def set_channel_vars(self, channel_id: str, *, variables: dict[str, Any]) -> None:
        """`POST /channels/{channelId}/variables`; may be refused with 400, 404, 409.

        Since Asterisk 20.20.0, 22.10.0, 23.4.0.
        Waits behind a prompt that plays on the channel until the prompt ends: stop the playback first.
        """
        await self._ari.send("POST", ("channels", channel_id, "variables"), {"variables": variables})

    async def snoop_channel_with_id(
        self,
        channel_id: str,
        snoop_id: str,
        *,
        app: str,
        spy: Literal["none", "both", "out", "in"] | None = None,
        whisper: Literal["none", "both", "out", "in"] | None = None,
        app_args: str | None = None,
    ) -> Channel:
        """`POST /channels/{channelId}/snoop/{snoopId}`; may be refused with 400, 404.

        An id that begins the id of a channel that lives counts as taken (409): choose ids of one length.
        """
        return await self._ari.fetch(
            Channel,
            "POST",
            ("channels", channel_id, "snoop", snoop_id),
            {"app": app, "spy": spy, "whisper": whisper, "appArgs": app_args},
        )


class Endpoints(Resource):
    """`/endpoints`."""

    async def list_all(self) -> list[Endpoint]:
        """`GET /endpoints`."""
        return await self._ari.fetch(list[Endpoint], "GET", ("endpoints",))

    async def get(self, tech: str, resource: str) -> Endpoint:
        """`GET /endpoints/{tech}/{resource}`; may be refused with 400, 404."""
        return await self._ari.fetch(Endpoint, "GET", ("endpoints", tech, resource))


class Playbacks(Resource):
    """`/playbacks`."""

    async def get(self, playback_id: str) -> Playback:
        """`GET /playbacks/{playbackId}`; may be refused with 404."""
        return await self._ari.fetch(Playback, "GET", ("playbacks", playback_id))

    async def stop(self, playback_id: str) -> None:
        """`DELETE /playbacks/{playbackId}`; may be refused with 404."""
        await self._ari.send("DELETE", ("playbacks", playback_id))

    async def control(
        self, playback_id: str, *, operation: Literal["restart", "pause", "unpause", "reverse", "forward"]
    ) -> None:
        """`POST /playbacks/{playbackId}/control`; may be refused with 400, 404, 409."""
        await self._ari.send("POST", ("playbacks", playback_id, "control"), {"operation": operation})


class Resources:
    """Everything that can be asked of ARI, by resource."""

    def __init__(self, ari: Sender) -> None:
        self.applications = Applications(ari)
        self.asterisk = Asterisk(ari)
        self.bridges = Bridges(ari)
        self.channels = Channels(ari)
        self.endpoints = Endpoints(ari)
        self.playbacks = Playbacks(ari)
