"""Putting two people together by ARI: a leg is called, and joined with its caller in a mixing bridge.

Each end of a talk ends the other without us (measured: 5 ms, with no app connected): a leg runs in a dialplan
context of ours, whose `h` hangs the caller up, and the caller's `h` hangs the leg up. They know each other by
the channel variables `GDPR_CALLER` and `GDPR_LEG`, and that they talk by `GDPR_DIALSTATUS`.
In a native bridge keys are invisible, so the bridge is one that tells of keys (`dtmf_events`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from asterisk_gdpr.adapters.ari.client import AriClient
from asterisk_gdpr.adapters.channels import Channels
from asterisk_gdpr.adapters.refusals import AriError, ChannelGone
from asterisk_gdpr.errors import GdprError

CONTEXT = "asterisk-gdpr-leg"
"""Where a leg runs, in the dialplan that we ship."""

LEG = "leg"
"""What a leg's `StasisStart` says it is."""

BRIDGES = "asterisk-gdpr"
"""The name of every bridge of ours."""

KIND = "mixing,dtmf_events"


class Joining:
    """The legs and bridges of one exchange."""

    def __init__(self, ari: AriClient, channels: Channels) -> None:
        self._ari = ari
        self._channels = channels

    async def dial(self, channel: str, leg: str, endpoint: str, seconds: int) -> None:
        """Call an endpoint, showing it who calls."""
        ari = self._ari.channels
        caller = await ari.get(channel)
        called = await ari.originate_with_id(
            leg,
            endpoint=endpoint,
            context=CONTEXT,
            extension="s",
            priority=1,
            timeout_seconds=seconds,
            caller_id=_shown(caller.caller.name, caller.caller.number),
            originator=channel,
            variables={"GDPR_CALLER": caller.name},
        )
        if not await self._talks(channel):
            await self._set(channel, GDPR_LEG=called.name)

    async def join(self, bridge: str, channel: str, leg: str) -> None:
        """Put both into the bridge; one who is there stays."""
        ari = self._ari
        with contextlib.suppress(AriError):  # one that is up, or does not ring
            await ari.channels.answer(channel)
            await ari.channels.ring_stop(channel)
        name = (await ari.channels.get(leg)).name
        until = self._channels.until(channel)
        left = f"{max(0.1, until - time.time()):.3f}" if until else "0"
        await self._set(channel, GDPR_LEG=name, GDPR_DIALSTATUS="ANSWER", **{"TIMEOUT(absolute)": left})
        await self._set(leg, **{"TIMEOUT(absolute)": "0"})
        there = await self._bridge(bridge)
        await ari.bridges.add_channel(bridge, channel=[one for one in (leg, channel) if one not in there])

    async def hand_back(self, channel: str, status: str) -> None:
        """Let the dialplan go on, knowing what became of it; a leg that rang is nobody's any more."""
        with contextlib.suppress(AriError):
            await self._ari.channels.ring_stop(channel)
        await self._set(channel, GDPR_LEG="", GDPR_DIALSTATUS=status)
        await self._ari.channels.continue_in_dialplan(channel)

    async def hang_up(self, channel: str) -> None:
        """End a channel, if it has not ended."""
        with contextlib.suppress(ChannelGone):
            await self._ari.channels.hangup(channel)

    async def dissolve(self, bridge: str) -> None:
        """Remove a bridge; whoever is alone in it has nobody to talk to."""
        try:
            left = (await self._ari.bridges.get(bridge)).channels
            await asyncio.gather(*(self.hang_up(channel) for channel in left))
            await self._ari.bridges.destroy(bridge)
        except AriError as error:
            if error.status not in (404, 409):  # gone, or on its way: it has left Stasis already
                raise

    async def tidy(self) -> None:
        """Remove the bridges that an earlier life left empty."""
        for bridge in await self._ari.bridges.list_all():
            if bridge.name == BRIDGES and not bridge.channels:
                with contextlib.suppress(GdprError):
                    await self._ari.bridges.destroy(bridge.id)

    async def _bridge(self, bridge: str) -> list[str]:
        """Make the bridge if it is not there; who is in it."""
        try:
            return (await self._ari.bridges.create_with_id(bridge, type=KIND, name=BRIDGES)).channels
        except AriError as error:
            if error.status != 409:
                raise
            return (await self._ari.bridges.get(bridge)).channels

    async def _talks(self, channel: str) -> bool:
        """Whether a caller has been joined with somebody; asked of Asterisk, which remembers it for us."""
        try:
            said = await self._ari.channels.get_channel_var(channel, variable="GDPR_DIALSTATUS")
        except AriError:
            return False  # the variable has never been set
        return said.value == "ANSWER"

    async def _set(self, channel: str, **values: str) -> None:
        await asyncio.gather(
            *(
                self._ari.channels.set_channel_var(channel, variable=name, value=value)
                for name, value in values.items()
            )
        )


def _shown(name: str, number: str) -> str | None:
    """Who calls, as a phone shows it; None for a withheld number."""
    quoted = name.replace('"', "").replace("\\", "")
    return f'"{quoted}" <{number}>' if number else None
