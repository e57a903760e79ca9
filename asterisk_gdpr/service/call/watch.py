"""Whether what happens in calls is told to us, and in time: only what somebody watched is sealed as sound.

Who is in a call is known from what Asterisk tells. While it tells nothing (AMI is away), or while we read
nothing (this process stood still), a capture that was open stays open, whoever joins. So twice a second the
legs are marked, Asterisk is asked for an answer that comes behind everything it told before, and only then
are the marks vouched for: the sealer seals up to the last of them and no further (`service.sealing.sealing`).

    seeing ──── late, or the answer was ────► stalled ── the answer ──► seeing
       │                                        │        (a call to which nothing happened is the same)
       └───────── AMI is lost ──────────────────┴──► away ── asked anew ──► seeing

After a stall the session has kept everything that happened, so a call of which nothing was told is as it
was. After AMI was away nobody can know; so while it is, what is captured becomes silence at once, and an
absence of an hour fills no spool.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Set
from enum import StrEnum
from itertools import count
from typing import NoReturn, Protocol

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Exchange
from asterisk_gdpr.service.sealing.sealing import Sealing

BEAT = 0.5
"""Seconds between two marks."""

AWAY_BEATS = 10
"""Beats between two looks at what was captured while AMI is away."""

STALL = 1.0
"""Seconds by which a beat or an answer may be late before what was told meanwhile counts as told too late."""


class Watched(Protocol):
    """Those who are told whether they are watched."""

    def unwatched(self) -> None:
        """From now on nobody knows who is in which call."""
        ...

    def watched_again(self, changed: Set[str] | None) -> None:
        """It is known again; `changed` are the channels of calls to which something happened, None: any."""
        ...

    def unsettled(self) -> Set[str]:
        """The recordings of calls of which not everything that was told has been acted upon."""
        ...


class Sight(StrEnum):
    """How well we see."""

    SEEING = "seeing"
    STALLED = "stalled"
    AWAY = "away"


class Watch:
    """The watch over the calls of one node; begins not seeing, until all bridges are known."""

    def __init__(self, exchange: Exchange, sealing: Sealing, watched: Watched) -> None:
        self._exchange = exchange
        self._sealing = sealing
        self._watched = watched
        self._sight = Sight.AWAY
        self._beat: float | None = None
        self._changed: set[str] = set()

    @property
    def seeing(self) -> bool:
        """Whether calls are watched now."""
        return self._sight is Sight.SEEING

    def changed(self, channel: str) -> None:
        """Something was told of this channel's call."""
        self._changed.add(channel)

    def look(self) -> None:
        """To be called before anything that was told is heeded: if we stood still, it was told late."""
        if self.seeing and self._beat is not None and _now() - self._beat > BEAT + STALL:
            self._lose(Sight.STALLED)

    def lost(self) -> None:
        """Asterisk tells nothing any more."""
        self._lose(Sight.AWAY)

    def regained(self) -> None:
        """Everything was asked for anew."""
        if not self.seeing:
            self._regain(None)

    async def last_look(self) -> None:
        """Vouch for what was captured until now, before this process ends in good order."""
        if self.seeing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._vouch()

    async def run(self) -> NoReturn:
        """Mark, ask, vouch; until cancelled."""
        for beat in count(1):
            self._beat = _now()
            await asyncio.sleep(BEAT)
            self.look()
            self._beat = _now()
            if self._sight is not Sight.AWAY:
                await self._vouch()
            elif beat % AWAY_BEATS == 0:
                self._sealing.condemn_open()
        raise AssertionError("beats do not end")

    async def _vouch(self) -> None:
        marks = self._sealing.marks()
        begun = _now()
        try:
            await self._exchange.catch_up()
        except GdprError:
            return None  # who keeps the connection tells what became of it
        if self.seeing and _now() - begun > STALL:
            self._lose(Sight.STALLED)
        if self._sight is Sight.STALLED:
            return self._regain(self._changed)
        if self.seeing:
            open_still = self._watched.unsettled()
            self._sealing.vouch({name: mark for name, mark in marks.items() if name not in open_still})
            self._changed = set()
        return None

    def _lose(self, sight: Sight) -> None:
        seeing, self._sight = self.seeing, sight
        if seeing:
            self._watched.unwatched()

    def _regain(self, changed: Set[str] | None) -> None:
        self._sight, self._changed, self._beat = Sight.SEEING, set(), _now()
        self._watched.watched_again(changed)


def _now() -> float:
    return asyncio.get_running_loop().time()
