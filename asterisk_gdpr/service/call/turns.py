"""Work of one call that must not be waited for: one piece after the other, or beside the others, to its end.

What must be done in the end is tried again and again, more and more slowly; meanwhile others have their turn.
A piece that fails is in the log, and whoever handed it in is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from asterisk_gdpr.errors import GdprError, Unreachable

log = logging.getLogger(__name__)

RETRY = (0.1, 0.3, 1.0, 3.0)
"""Seconds between tries of what must be done; the last one is repeated until it can be."""

T = TypeVar("T")
Work = Callable[[], Awaitable[None]]


class Turns:
    """The pieces of work of one call, and their order."""

    def __init__(self, call: str, on_bug: Callable[[], None]) -> None:
        """`on_bug` is called when a piece raises what is no `GdprError`."""
        self._call = call
        self._on_bug = on_bug
        self._turn = asyncio.Lock()
        self._work: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether anything is still to be done."""
        return bool(self._work)

    async def some_done(self) -> None:
        """Return when a piece of work has been done."""
        await asyncio.wait(self._work, return_when=asyncio.FIRST_COMPLETED)

    async def all_done(self) -> None:
        """Return when nothing is left to be done."""
        while self._work:
            await self.some_done()

    def drop(self) -> None:
        """Do no more: this process ends, and its next life finds in the register what is missing."""
        for work in self._work:
            work.cancel()

    @asynccontextmanager
    async def nobody_before(self) -> AsyncIterator[None]:
        """No piece has its turn before this block ends."""
        async with self._turn:
            yield

    def in_turn(self, work: Work, failed: Callable[[], None] | None = None) -> None:
        """Do this after everything that was handed in before; `failed` is called when it fails."""

        async def when_it_is_due() -> None:
            async with self._turn:
                await work()

        self._keep(self._guarded(when_it_is_due, failed))

    def beside(self, work: Work) -> None:
        """Do this now, whatever else is to be done."""
        self._keep(self._guarded(work, None))

    def begin_in_turn(self, work: Work) -> None:
        """Begin in turn, and let the next begin: for what may take as long as it takes."""

        async def begin() -> None:
            self.beside(work)

        self.in_turn(begin)

    async def always(self, act: Callable[..., T], *args: Any, by: Any = asyncio.to_thread) -> T:
        """Do what must be done in the end, however long nobody answers; `by` is who calls `act`."""
        tries = 0
        while True:
            try:
                done: T = await by(act, *args)
                return done
            except Unreachable as error:
                log.warning("call %s: waiting for what does not answer: %s", self._call, error.id)
                await asyncio.sleep(RETRY[min(tries, len(RETRY) - 1)])
                tries += 1

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _guarded(self, work: Work, failed: Callable[[], None] | None) -> None:
        try:
            await work()
        except Exception as error:
            if isinstance(error, GdprError):
                log.warning("call %s: %s", self._call, error.id)
            else:
                log.exception("call %s: a bug", self._call)
                self._on_bug()
            if failed is not None:
                failed()
