"""MixMonitor of one call, steered: started muted, opened, muted, stopped, started anew as another stretch.

What is known of it is noted beside the legs: at once where a killed process must not forget it, else in the
order of the desk. A failure of Asterisk is raised; the actor tells the machine what it means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from asterisk_gdpr.core.call import events
from asterisk_gdpr.service.call.desk import Desk
from asterisk_gdpr.service.call.shared import Shared, Taken

REST = 0.12
"""Seconds between a stretch and the next: MixMonitor must have let go of the channel (at least 0.1 s)."""

FIRST_FRAMES = 0.06
"""Seconds of a stretch that are silence: started in a living bridge it can take a frame before the mute."""


class Steering:
    """The capture of one call; `capture` is MixMonitor's id, when one runs."""

    def __init__(
        self,
        shared: Shared,
        taken: Taken,
        desk: Desk,
        tell: Callable[[events.Event], None],
        capture: str | None,
    ) -> None:
        self._shared = shared
        self._channel = taken.channel
        self._desk = desk
        self._tell = tell
        self._capture = capture
        self._next: asyncio.Task[None] | None = None

    async def start(self, *, again: bool, in_talk: bool) -> None:
        """Start and mute it; `again` when it is another stretch of a recording that exists."""
        legs = self._desk.legs
        assert legs is not None  # the machine starts no capture before there are legs
        self._capture = await self._shared.exchange.start_muted(self._channel, legs.left, legs.right)
        if in_talk:
            self._desk.silence_first(FIRST_FRAMES)
        self._desk.note_capture(self._capture, self._now(), again=again)

    async def open(self) -> None:
        """First it is noted that somebody must vouch from here on: a killed process would forget it."""
        if self._capture is None:
            return
        self._desk.opened()
        await self._shared.exchange.set_muted(self._channel, self._capture, False)
        at = self._now()
        self._desk.note(lambda notes: notes.change(at, muted=False, reason="parties"))

    async def mute(self, reason: str) -> None:
        """Mute it; what was muted is muted once more, for this reason."""
        if self._capture is None:
            return
        await self._shared.exchange.set_muted(self._channel, self._capture, True)
        self._desk.muted()
        at = self._now()
        self._desk.note(lambda notes: notes.change(at, muted=True, reason=reason))

    async def stop(self) -> None:
        """End the run, now or as soon as Asterisk can be asked."""
        capture, self._capture = self._capture, None
        try:
            if capture is not None:
                await self._shared.exchange.stop_capture(self._channel, capture)
                self._desk.muted()
        finally:
            at = self._now()
            self._desk.note(lambda notes: notes.end_stretch(at))

    async def renew(self) -> None:
        """End the run, and make the legs of the next stretch a moment later."""
        await self.stop()
        self._next = asyncio.create_task(self._make_next())

    async def _make_next(self) -> None:
        await asyncio.sleep(REST)
        try:
            await self._desk.begin_stretch()
        except Exception:
            self._tell(events.CaptureFailed())
            raise
        self._tell(events.StretchReady())

    def drop(self) -> None:
        """Nothing more is to come."""
        if self._next is not None:
            self._next.cancel()

    def _now(self) -> datetime:
        return self._shared.clock.now()
