"""Asterisk as the exchange: ARI for what happens in Stasis, AMI for MixMonitor and for who is in a bridge.

Commands of a call go out by `Exchange`; what happens comes in by `Reports`, in Asterisk's order.
Facts that this rests on (Asterisk 22):

* a channel that leaves Stasis is heard of only while it is subscribed to by its id;
* `StasisEnd` comes for a hang-up too, after `ChannelHangupRequest`: that one is no return to the dialplan;
* AMI tells of every bridge, ARI with one channel subscribed of none;
* a whisper is a Snoop channel that plays into one ear, and it enters Stasis before it can play.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.ari import generated as ari_api
from asterisk_gdpr.adapters.ari.client import AriClient
from asterisk_gdpr.adapters.ari.events import UnknownEvent
from asterisk_gdpr.adapters.ari.generated import AnyEvent
from asterisk_gdpr.adapters.mixmonitor import MixMonitor
from asterisk_gdpr.adapters.refusals import AmiError, AriError, ChannelGone
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Arrival, Reports

NOTICE = "notice"
WHISPER = "whisper"
CAPTURE_VARIABLE = "GDPR_CAPTURE"
"""The channel variable that bears the MixMonitorID, so that it survives us."""

MARGIN = 0.1
"""Seconds that are left to the dialplan's own timeout when it ends before our watchdog would."""


class AsteriskExchange:
    """`Exchange` on one Asterisk; `run` keeps both connections until cancelled."""

    def __init__(
        self,
        make_ari: Callable[[Callable[[AnyEvent | UnknownEvent], None], Callable[[], None]], AriClient],
        make_ami: Callable[[Callable[[Message], None], Callable[[], None]], AmiClient],
        app: str,
        reports: Callable[[], Reports],
    ) -> None:
        """`reports` is asked for at each report: whoever listens is made after the exchange."""
        self._app = app
        self._to = reports
        self._ari = make_ari(self._on_ari, self._on_ari_connected)
        self._ami = make_ami(self._on_ami, self._on_ami_connected)
        self._mixmonitor = MixMonitor(self._ami)
        self._until: dict[str, float] = {}
        self._hanging_up: set[str] = set()
        self._whispers: dict[str, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def _reports(self) -> Reports:
        return self._to()

    @property
    def connected(self) -> bool:
        """Whether both interfaces answer."""
        return self._ari.connected and self._ami.connected

    async def run(self) -> None:
        """Keep both connections until cancelled."""
        async with self._ari, asyncio.TaskGroup() as group:
            group.create_task(self._ari.run(), name="ARI events")
            group.create_task(self._ami.run(), name="AMI session")

    # --- commands -----------------------------------------------------------------------------

    async def answer(self, channel: str) -> None:
        """Answer, and subscribe by id, so that the channel is heard of after it has left Stasis."""
        await asyncio.gather(self._ari.channels.answer(channel), self.follow(channel))

    async def follow(self, channel: str) -> None:
        """Subscribe to a channel by its id, wherever it is."""
        try:
            await self._ari.applications.subscribe(self._app, event_source=[f"channel:{channel}"])
        except AriError as error:
            if error.status == 422:
                raise ChannelGone("The channel has hung up.") from None
            raise

    async def rearm_watchdog(self, channel: str, seconds: float) -> None:
        """Set `TIMEOUT(absolute)`, never beyond what the dialplan's own timeout has left."""
        until = self._until.get(channel, 0.0)
        if until:
            seconds = max(MARGIN, min(seconds, until - time.time()))
        await self._ari.channels.set_channel_var(
            channel, variable="TIMEOUT(absolute)", value=f"{seconds:.3f}"
        )

    async def play(self, channel: str, playback: str, media: str) -> None:
        """Start a prompt; media that does not exist is told only by the event of its end."""
        await self._ari.channels.play_with_id(channel, playback, media=[media])

    async def stop_playing(self, playback: str) -> None:
        """Stop a prompt; 404 says that it has ended."""
        try:
            await self._ari.playbacks.stop(playback)
        except AriError as error:
            if error.status != 404:
                raise

    async def set_variables(self, channel: str, values: Mapping[str, str]) -> None:
        """Set channel variables, side by side."""
        await asyncio.gather(
            *(
                self._ari.channels.set_channel_var(channel, variable=name, value=value)
                for name, value in values.items()
            )
        )

    async def pass_on(self, channel: str) -> None:
        """Let the channel continue after its Stasis()."""
        await self._ari.channels.continue_in_dialplan(channel)

    async def start_muted(self, channel: str, left: str, right: str) -> str:
        """Start MixMonitor and mute it before anything else is asked; one that cannot be muted is stopped."""
        capture = await self._mixmonitor.start(channel, left, right, CAPTURE_VARIABLE)
        try:
            await self._mixmonitor.mute(channel, capture, on=True)
        except (AmiError, Unreachable):
            with contextlib.suppress(AmiError, Unreachable, ChannelGone):
                await self._mixmonitor.stop(channel, capture)
            raise
        return capture

    async def set_muted(self, channel: str, capture: str, muted: bool) -> None:
        """Mute or open both directions of a capture."""
        await self._mixmonitor.mute(channel, capture, on=muted)

    async def stop_capture(self, channel: str, capture: str) -> None:
        """Stop a capture; AMI's error says that there is none any more."""
        with contextlib.suppress(AmiError, ChannelGone):
            await self._mixmonitor.stop(channel, capture)

    async def whisper(self, channel: str, media: str) -> None:
        """Play into this channel's ear alone; the Snoop channel goes when the prompt has ended."""
        # One length for all: Asterisk refuses an id that a living channel's id begins with.
        snoop = f"whisper-{secrets.token_hex(8)}"
        playback = f"{snoop}-play"
        entered = self._whispers[snoop] = asyncio.get_running_loop().create_future()
        try:
            await self._ari.channels.snoop_channel_with_id(
                channel, snoop, app=self._app, app_args=WHISPER, spy="none", whisper="out"
            )
            async with asyncio.timeout(1.0):
                await entered
            await self._ari.channels.play_with_id(snoop, playback, media=[media])
        except TimeoutError:
            del self._whispers[snoop]
            raise Unreachable("The whisper's channel did not come up.") from None
        except (AriError, ChannelGone, Unreachable):
            self._whispers.pop(snoop, None)
            raise

    # --- what ARI tells -----------------------------------------------------------------------

    def _on_ari(self, event: AnyEvent | UnknownEvent) -> None:
        match event:
            case ari_api.StasisStart(args=[kind, *_] as args, channel=channel) if kind == NOTICE:
                self._arrived(channel, args)
            case ari_api.StasisStart(args=[kind, *_], channel=channel) if kind == WHISPER:
                entered = self._whispers.get(channel.id)
                if entered is not None and not entered.done():
                    entered.set_result(None)
            case ari_api.ChannelHangupRequest(channel=channel):
                self._hanging_up.add(channel.id)
            case ari_api.StasisEnd(channel=channel):
                if channel.id not in self._hanging_up and channel.id not in self._whispers:
                    self._reports.left_notice(channel.id)
            case ari_api.ChannelDestroyed(channel=channel):
                self._gone(channel.id)
            case ari_api.PlaybackFinished(playback=playback):
                self._finished(playback)
            case ari_api.ChannelDtmfReceived(channel=channel, digit=digit):
                self._reports.key_pressed(channel.id, digit)
            case _:
                pass  # everything else is said by AMI, or is nobody's business

    def _arrived(self, channel: ari_api.Channel, args: list[str]) -> None:
        self._reports.call_arrived(self._arrival(channel, args))

    def _arrival(self, channel: ari_api.Channel, args: list[str]) -> Arrival:
        self._until[channel.id] = _number(args[2]) if len(args) > 2 else 0.0
        return Arrival(
            channel=channel.id,
            line=args[1] if len(args) > 1 else "",
            number=channel.caller.number,
            dialled=channel.dialplan.exten,
            language=channel.language,
        )

    def _finished(self, playback: ari_api.Playback) -> None:
        snoop = playback.id.removesuffix("-play")
        if snoop in self._whispers:
            del self._whispers[snoop]
            self._later(self._hang_up(snoop))
        else:
            self._reports.prompt_ended(playback.id, playback.state == "done")

    async def _hang_up(self, channel: str) -> None:
        with contextlib.suppress(AriError, ChannelGone, Unreachable):
            await self._ari.channels.hangup(channel)

    def _gone(self, channel: str) -> None:
        self._until.pop(channel, None)
        self._hanging_up.discard(channel)
        self._reports.hung_up(channel)

    def _on_ari_connected(self) -> None:
        self._later(self._list_channels())

    async def _list_channels(self) -> None:
        """Asterisk repeats nothing of what happened while we were away."""
        with contextlib.suppress(AriError, Unreachable):
            known: dict[str, Arrival | None] = {}
            for channel in await self._ari.channels.list_all():
                args = channel.dialplan.app_data.split(",")
                ours = channel.dialplan.app_name == "Stasis" and args[:2] == [self._app, NOTICE]
                known[channel.id] = self._arrival(channel, args[1:]) if ours else None
            self._reports.channels_known(known)

    # --- what AMI tells -----------------------------------------------------------------------

    def _on_ami(self, message: Message) -> None:
        match message.event:
            case "BridgeEnter":
                self._reports.entered_bridge(
                    message["Uniqueid"], message["Channel"], message["BridgeUniqueid"]
                )
            case "BridgeLeave":
                self._reports.left_bridge(message["Uniqueid"])
            case "Hold" | "Unhold":
                self._reports.hold_changed(message["Uniqueid"], message.event == "Hold")
            case "Hangup":
                self._reports.left_bridge(message["Uniqueid"])
                self._gone(message["Uniqueid"])
            case _:
                pass  # the classes we subscribe to tell more than a recording needs

    def _on_ami_connected(self) -> None:
        self._later(self._list_bridges())

    async def _list_bridges(self) -> None:
        with contextlib.suppress(AmiError, Unreachable):
            self._reports.bridges_known(
                [
                    (row["Uniqueid"], row["Channel"], row["BridgeId"])
                    for row in await self._ami.action_list("CoreShowChannels")
                    if row.get("BridgeId")
                ]
            )

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
