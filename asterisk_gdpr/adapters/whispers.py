"""Whispers: prompts into one ear of a talk.

A whisper is a Snoop channel that plays to the channel it was made on, and to nobody else; it enters Stasis
before it can play, and has to be hung up when it has played.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Coroutine, Sequence

from asterisk_gdpr.adapters.ari.client import AriClient
from asterisk_gdpr.errors import GdprError, Unreachable

ARGUMENT = "whisper"
"""What the Snoop channel's `StasisStart` says it is for."""

_PLAY = "-play"

LONGEST = 120.0
"""Seconds after which a whisper whose end nobody told counts as not heard."""


class Whispers:
    """The whispers of one exchange; `later` runs what nobody waits for."""

    def __init__(
        self, ari: AriClient, app: str, later: Callable[[Coroutine[None, None, None]], None]
    ) -> None:
        self._ari = ari
        self._app = app
        self._later = later
        self._alive: dict[str, asyncio.Future[None]] = {}
        self._listening: dict[str, str] = {}
        """Whom nothing is whispered to so that their keys are told, and by which channel."""
        self._over: dict[str, asyncio.Future[bool]] = {}

    def __len__(self) -> int:
        """How many are being heard now."""
        return len(self._alive)

    def __contains__(self, channel: str) -> bool:
        """Whether this is the channel of a whisper that is being heard."""
        return channel in self._alive

    async def whisper(self, channel: str, media: Sequence[str]) -> bool:
        """Play into this channel's ear alone; returns when it has ended: True if it was heard to its end."""
        # One length for all: Asterisk refuses an id that a living channel's id begins with.
        snoop = f"whisper-{secrets.token_hex(8)}"
        loop = asyncio.get_running_loop()
        entered = self._alive[snoop] = loop.create_future()
        over = self._over[snoop] = loop.create_future()
        try:
            await self._ari.channels.snoop_channel_with_id(
                channel, snoop, app=self._app, app_args=ARGUMENT, spy="none", whisper="out"
            )
            async with asyncio.timeout(1.0):
                await entered
            await self._ari.channels.play_with_id(snoop, f"{snoop}{_PLAY}", media=list(media))
            async with asyncio.timeout(LONGEST):
                return bool(await over)
        except TimeoutError:
            self.ended(snoop)
            raise Unreachable("The whisper's channel did not come up, or its end was not told.") from None
        except GdprError:
            self.ended(snoop)
            raise
        finally:
            self._over.pop(snoop, None)

    async def keep_hearing(self, channel: str) -> None:
        """Whisper nothing, for as long as the channel lives: while somebody whispers keys are told."""
        if channel in self._listening:
            return
        snoop = self._listening[channel] = f"whisper-{secrets.token_hex(8)}"
        entered = self._alive[snoop] = asyncio.get_running_loop().create_future()
        try:
            await self._ari.channels.snoop_channel_with_id(
                channel, snoop, app=self._app, app_args=ARGUMENT, spy="none", whisper="out"
            )
            async with asyncio.timeout(1.0):
                await entered
        except TimeoutError:
            self.hear_no_more(channel)
            raise Unreachable("The whisper's channel did not come up.") from None
        except GdprError:
            self.hear_no_more(channel)
            raise

    def hear_no_more(self, channel: str) -> None:
        """The channel has gone, or is captured again, by which its keys are told too."""
        if snoop := self._listening.pop(channel, None):
            self.ended(snoop)

    def entered(self, snoop: str) -> None:
        """Its channel is in Stasis; one that nobody waits for any more is hung up."""
        waiting = self._alive.get(snoop)
        if waiting is None or waiting.done():
            self._later(self._hang_up(snoop))
        else:
            waiting.set_result(None)

    def played(self, playback: str, *, heard: bool) -> bool:
        """A playback has ended; True if it was a whisper's, whose channel then goes."""
        return self.ended(playback.removesuffix(_PLAY), heard=heard)

    def ended(self, snoop: str, *, heard: bool = False) -> bool:
        """A channel is needed no more, or has gone; True if it was a whisper's."""
        if self._alive.pop(snoop, None) is None:
            return False
        over = self._over.get(snoop)
        if over is not None and not over.done():
            over.set_result(heard)
        self._later(self._hang_up(snoop))
        return True

    async def _hang_up(self, snoop: str) -> None:
        with contextlib.suppress(GdprError):  # it may have gone with the channel it whispered to
            await self._ari.channels.hangup(snoop)
