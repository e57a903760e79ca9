"""What Asterisk tells by both interfaces, made into reports: each thing once, whichever tells it first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.ari import generated as ari_api
from asterisk_gdpr.adapters.ari.events import UnknownEvent
from asterisk_gdpr.adapters.ari.generated import AnyEvent
from asterisk_gdpr.adapters.channels import WAYS, Channels
from asterisk_gdpr.adapters.departures import FAX, MOMENT, Departures
from asterisk_gdpr.adapters.joining import LEG
from asterisk_gdpr.adapters.keys import Keys
from asterisk_gdpr.adapters.other_recorders import OtherRecorders
from asterisk_gdpr.adapters.whispers import ARGUMENT, Whispers
from asterisk_gdpr.ports import Reports

log = logging.getLogger(__name__)

REFERENCE = "AsteriskGdprReference"
"""The event of our dialplan that says what another system calls a call that is going on."""

STEERING = ("BridgeEnter", "BridgeLeave", "Hold", "Unhold", "Hangup", "DTMFEnd")
"""The events of AMI by which captures are opened, muted and ended."""


class Hearing:
    """Takes the events of both interfaces; `pass_on` lets a channel go on that came to us for nothing."""

    def __init__(
        self,
        reports: Callable[[], Reports],
        channels: Channels,
        departures: Departures,
        whispers: Whispers,
        others: OtherRecorders,
        pass_on: Callable[[str], Coroutine[None, None, None]],
        later: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        self._reports = reports
        self._channels = channels
        self._departures = departures
        self._whispers = whispers
        self._others = others
        self._pass_on = pass_on
        self._later = later
        self._keys = Keys()

    # --- what ARI tells -----------------------------------------------------------------------

    def ari(self, event: AnyEvent | UnknownEvent) -> None:
        """Take an event of ARI; one that we stumble over is a bug, told in the log."""
        try:
            self._ari_told(event)
        except Exception:
            # An event that we stumble over must not end the connection that every other call hangs on.
            log.exception("a bug, at %s", type(event).__name__)
            if isinstance(event, ari_api.StasisStart):
                self._later(self._pass_on(event.channel.id))

    def _ari_told(self, event: AnyEvent | UnknownEvent) -> None:
        match event:
            case ari_api.StasisStart(args=args, channel=channel, replace_channel=replaced):
                self._entered(channel, args, replaced)
            case ari_api.ChannelHangupRequest(channel=channel):
                self._channels.asked_to_hang_up(channel.id)
            case ari_api.StasisEnd(channel=channel):
                self._left(channel.id)
            case ari_api.ChannelDestroyed(channel=channel, cause=cause):
                self._gone(channel.id, cause)
            case ari_api.PlaybackFinished(playback=playback):
                self._finished(playback)
            case ari_api.ChannelUserevent(eventname=name, channel=channel) if name == FAX and channel:
                self._reports().fax_heard(channel.id)
            case ari_api.ChannelUserevent(eventname=name, channel=channel, userevent=told) if (
                name == REFERENCE
            ):
                if channel is not None:
                    self._reports().reference_said(channel.id, str(told.get("Reference", "")))
            case ari_api.ChannelDtmfReceived(channel=channel, digit=digit):
                self._pressed("ARI", channel.id, digit)
            case _:
                pass  # everything else is said by AMI, or is nobody's business

    def _entered(
        self, channel: ari_api.Channel, args: list[str], replaced: ari_api.Channel | None = None
    ) -> None:
        self._tell_taken(channel.id)
        if args and args[0] in WAYS:
            self._reports().call_arrived(self._channels.arrived(channel, args))
        elif args[:1] == [LEG]:
            self._channels.took(channel.id)
            self._reports().leg_answered(channel.id)
        elif args[:1] == [ARGUMENT]:
            self._whispers.entered(channel.id)
        elif replaced is not None:
            pass  # who was transferred to takes a place in a bridge of ours: AMI tells of the rest
        else:
            log.warning("a channel came to us for nothing we know, and goes on")
            self._later(self._pass_on(channel.id))

    def _left(self, channel: str) -> None:
        """Back in the dialplan, or hung up; a whisper's channel leaves only by its end."""
        if not self._whispers.ended(channel) and self._channels.left(channel):
            if self._departures.left(channel):
                self._reports().left_notice(channel)
            else:
                asyncio.get_running_loop().call_later(MOMENT, self._tell_taken, channel)

    def _tell_taken(self, channel: str) -> None:
        """The dialplan has it, by no doing of ours."""
        if self._departures.was_taken(channel):
            self._reports().left_notice(channel)

    def _finished(self, playback: ari_api.Playback) -> None:
        """A prompt that a hang-up cuts has `failed` too, just before the hang-up is told: that is its end."""
        channel, heard = playback.target_uri.removeprefix("channel:"), playback.state == "done"
        if self._whispers.played(playback.id, heard=heard) or self._channels.is_hanging_up(channel):
            return
        if heard:
            self._reports().prompt_ended(playback.id, True)
            return
        self._departures.failed(channel, playback.id)
        asyncio.get_running_loop().call_later(MOMENT, self._tell_failed, channel, playback.id)

    def _tell_failed(self, channel: str, playback: str) -> None:
        """It failed by itself: its channel is still ours."""
        if self._departures.has_failed(channel, playback):
            self._reports().prompt_ended(playback, False)

    def _pressed(self, source: str, channel: str, digit: str) -> None:
        if self._keys.is_news(source, channel, digit, asyncio.get_running_loop().time()):
            self._reports().key_pressed(channel, digit)

    def _gone(self, channel: str, cause: int = 0) -> None:
        self._others.gone(channel)
        self._whispers.hear_no_more(channel)
        self._channels.gone(channel)
        self._departures.gone(channel)
        self._reports().hung_up(channel, cause)

    # --- what AMI tells -----------------------------------------------------------------------

    def ami(self, message: Message) -> None:
        """Take an event of AMI, likewise."""
        try:
            self._ami_told(message)
        except Exception:
            log.exception("a bug, at AMI's %s", message.event)

    def _ami_told(self, message: Message) -> None:
        if message.event in STEERING and not message.is_whole:
            log.error("AMI's %s is not as Asterisk writes it, and is ignored", message.event)
            return
        match message.event:
            case "BridgeEnter":
                self._reports().entered_bridge(
                    message["Uniqueid"], message["Channel"], message["BridgeUniqueid"]
                )
            case "BridgeLeave":
                self._reports().left_bridge(message["Uniqueid"])
            case "Hold" | "Unhold":
                self._reports().hold_changed(message["Uniqueid"], message.event == "Hold")
            case "DTMFEnd" if message.get("direction") == "Received":
                self._pressed("AMI", message["Uniqueid"], message["Digit"])
            case "Hangup":
                self._reports().left_bridge(message["Uniqueid"])
                self._gone(message["Uniqueid"], int(message.get("Cause", "0")))
            case _:  # the classes we subscribe to tell more than a recording needs
                if message.get("SpyerUniqueid", "") not in self._whispers:  # they are told as a ChanSpy
                    self._others.told(message)
