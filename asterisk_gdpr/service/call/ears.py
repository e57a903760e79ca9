"""What is whispered into a call: to the caller alone, or tones to those who talk with them.

Beside everything else that is done for the call: a mute must not wait until a whisper can be heard.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Part, Signal
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Exchange

log = logging.getLogger(__name__)

TONES: Mapping[Signal, int] = {Signal.PAUSED: 1, Signal.RESUMED: 2, Signal.STOPPED: 3}
"""How many tones say what."""

HEARING = 0.1
"""Seconds that a capture goes on, muted, until its caller's keys are heard without it."""


class Ears:
    """The ears of one call."""

    def __init__(
        self, exchange: Exchange, call: str, tone: str, tell: Callable[[events.Event], None]
    ) -> None:
        self._exchange = exchange
        self._tone = tone
        self._call = call
        self._tell = tell
        self._under_way: set[asyncio.Task[None]] = set()

    def whisper(self, channel: str, part: Part, media: str) -> None:
        """Play a part into this channel's ear alone; its end is told."""

        async def work() -> None:
            heard = False
            try:
                heard = await self._exchange.whisper(channel, [media])
            finally:
                self._tell(events.WhisperEnded(part, heard))

        self._beside(work())

    def signal(self, channels: Iterable[str], signal: Signal) -> None:
        """A tone to each of these."""
        for channel in channels:
            self._beside(self._exchange.whisper(channel, [self._tone] * TONES[signal]))

    def tell_party(self, channel: str, media: str) -> None:
        """Play the statement to a party; its end is told."""

        async def work() -> None:
            heard = False
            try:
                heard = await self._exchange.whisper(channel, [media])
            finally:
                self._tell(events.PartyTold(channel, heard))

        self._beside(work())

    def whisper_to_party(self, channel: str, media: str) -> None:
        """Play a part into a party's ear alone."""
        self._beside(self._exchange.whisper(channel, [media]))

    def beep(self, channels: Iterable[str]) -> None:
        """One tone to each of these."""
        for channel in channels:
            self._beside(self._exchange.whisper(channel, [self._tone]))

    async def keep_hearing(self, channel: str) -> None:
        """Have the keys of this channel told though nothing is captured; it is not waited for long."""
        await asyncio.wait([self._beside(self._exchange.keep_hearing(channel))], timeout=HEARING)

    def drop(self) -> None:
        """Nothing more is to be heard."""
        for task in self._under_way:
            task.cancel()

    def _beside(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _guarded(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except GdprError as error:
            level = logging.INFO if error.id == "channel-gone" else logging.WARNING
            log.log(level, "call %s: a whisper failed: %s", self._call, error.id)
