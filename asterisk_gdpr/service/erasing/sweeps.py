"""Erasing for many calls at once: one sweep at a time, and who asks meanwhile shares the next one.

A sweep empties the journal and brings folders to the disk, which takes as long for one recording as for
fifty. Calls that fail leave recordings to be erased; if each of them swept by itself, failing would cost more
than serving, and more calls would fail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Sweeps:
    """The sweeps of one process; `sweep` blocks, and is done in a worker thread."""

    def __init__(self, sweep: Callable[[], object]) -> None:
        self._sweep = sweep
        self._one = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    async def sweep(self) -> None:
        """Return when a sweep is over that began after this was called, and raise what came of it."""
        if self._next is None:
            self._next = asyncio.create_task(self._sweep_next(), name="sweep")
        await asyncio.shield(self._next)

    async def _sweep_next(self) -> None:
        async with self._one:
            self._next = None  # it begins now: whoever comes later needs another one
            await asyncio.to_thread(self._sweep)
