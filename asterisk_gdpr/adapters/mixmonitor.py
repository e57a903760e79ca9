"""Steering MixMonitor over AMI; ARI has no verb for it.

Always two raw legs and no mixed file; always `b` (nothing while there is no bridge); never option `a`.
Asterisk says `Success` even when it cannot open a leg: that the legs grow is for the spool to see.
"""

from __future__ import annotations

import re
from typing import Literal

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.refusals import AmiError, ChannelGone
from asterisk_gdpr.errors import Misuse

Direction = Literal["read", "write", "both"]
"""`read` is what the channel sends, `write` what it is sent."""

NO_CHANNEL = "No such channel"

_PATH = re.compile(r"/[A-Za-z0-9._/-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class MixMonitor:
    """The three verbs; `channel` is a unique id, which is ARI's channel id too.

    Each raises `ChannelGone` when the channel has hung up, `AmiError` for another no, `Unreachable`.
    """

    def __init__(self, ami: AmiClient) -> None:
        self._ami = ami

    async def start(self, channel: str, read_leg: str, write_leg: str, id_variable: str) -> str:
        """Record what the channel sends and what it is sent; returns the MixMonitorID.

        The legs are absolute paths of files made beforehand, and their suffix is the format (`.sln`).
        The id is put into the channel's variable `id_variable` too, where it survives us.
        """
        for path in (read_leg, write_leg):
            _must_match(_PATH, path, "A leg's path")
        _must_match(_VARIABLE, id_variable, "The name of a channel variable")
        answer = await self._act(
            "MixMonitor",
            Channel=channel,
            File="",
            options=f"br({read_leg})t({write_leg})i({id_variable})",
        )
        return answer["MixMonitorID"]

    async def mute(self, channel: str, mixmonitor_id: str, on: bool, direction: Direction = "both") -> None:
        """Mute (`on`) or open one MixMonitor; muted, it writes silence and keeps time."""
        await self._act(
            "MixMonitorMute",
            Channel=channel,
            MixMonitorID=mixmonitor_id,
            Direction=direction,
            State=int(on),
        )

    async def stop(self, channel: str, mixmonitor_id: str) -> None:
        """End one MixMonitor; its files are whole a moment later (AMI's event `MixMonitorStop`)."""
        await self._act("StopMixMonitor", Channel=channel, MixMonitorID=mixmonitor_id)

    async def _act(self, name: str, **fields: str | int) -> Message:
        try:
            return await self._ami.action(name, **fields)
        except AmiError as error:
            if error.message == NO_CHANNEL:
                raise ChannelGone("The channel has hung up.") from None
            raise


def _must_match(pattern: re.Pattern[str], value: str, what: str) -> None:
    """Brackets and commas steer the options, and what follows the next comma is run as a shell command."""
    if not pattern.fullmatch(value):
        raise Misuse(f"{what} holds characters that MixMonitor would misread.")
