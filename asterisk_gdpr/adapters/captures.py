"""Captures: MixMonitor runs of a call, begun muted, and ended even where nobody knows whether they began."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.mixmonitor import MixMonitor
from asterisk_gdpr.adapters.other_recorders import Ours
from asterisk_gdpr.adapters.refusals import AmiError, ChannelGone
from asterisk_gdpr.errors import Unreachable

VARIABLE = "GDPR_CAPTURE"
"""The channel variable that bears the MixMonitorID, so that it survives us."""

AGAIN = 1.0
"""Seconds between tries of what must be asked until it is answered."""


class Captures:
    """The captures of one exchange; `later` runs what nobody waits for."""

    def __init__(
        self,
        ami: AmiClient,
        later: Callable[[Coroutine[None, None, None]], None],
        ours: Ours,
    ) -> None:
        self._ami = ami
        self._ours = ours
        self._mixmonitor = MixMonitor(ami)
        self._later = later

    async def start_muted(self, channel: str, left: str, right: str) -> str:
        """Start MixMonitor and mute it before anything else is asked; returns its id.

        One that cannot be muted, or of which nobody knows whether it has started, is stopped as soon as
        Asterisk answers.
        """
        capture = ""
        self._ours.start(channel)
        try:
            capture = await self._mixmonitor.start(channel, left, right, VARIABLE)
            await self._mixmonitor.mute(channel, capture, on=True)
            self._ours.runs(channel)
        except Unreachable:
            self._later(self._stop_whatever_runs(channel))
            raise
        except AmiError:
            if capture:
                await self.stop(channel, capture)
            else:
                self._ours.start_refused(channel)
            raise
        return capture

    async def set_muted(self, channel: str, capture: str, muted: bool) -> None:
        """Mute or open both directions of a capture."""
        await self._mixmonitor.mute(channel, capture, on=muted)

    async def stop(self, channel: str, capture: str) -> None:
        """Stop a capture; AMI's error says that there is none any more."""
        try:
            await self._stop(channel, capture)
        except Unreachable:
            self._later(self._stop_whatever_runs(channel))

    async def _stop(self, channel: str, capture: str) -> None:
        self._ours.end(channel)
        try:
            await self._mixmonitor.stop(channel, capture)
        except (AmiError, ChannelGone):
            self._ours.end_refused(channel)

    async def _stop_whatever_runs(self, channel: str) -> None:
        """Stop the channel's capture, known by its variable, which Asterisk sets when it starts one.

        An action without an answer may be carried out later, so that nothing running now proves nothing:
        looked at again until the channel is gone.
        """
        while True:
            try:
                answer = await self._ami.action("Getvar", Channel=channel, Variable=VARIABLE)
                if capture := answer.get("value", ""):
                    return await self._stop(channel, capture)
            except AmiError:
                return None  # the channel is gone, and its captures with it
            except Unreachable:
                pass  # it is asked again
            await asyncio.sleep(AGAIN)
