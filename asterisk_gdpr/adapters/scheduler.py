"""The ticker: calls what must be done again and again, and remembers nothing.

What is due, and since when, stands in the register; a tick only looks there. So APScheduler keeps its
jobs in memory, in UTC (local time has hours twice, and hours not at all), never drops a tick for being
late (its default drops one after a second), and makes one of several that were missed.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from asterisk_gdpr.errors import GdprError

_log = logging.getLogger(__name__)

Job = Callable[[], object] | Callable[[], Awaitable[object]]


class Ticker:
    """Runs jobs on the running loop: a coroutine function in it, any other function in a worker thread."""

    def __init__(self) -> None:
        self._since = datetime.now(UTC)
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def every(self, seconds: float, name: str, function: Job) -> None:
        """Call `function` each so many seconds, first after that time, never twice at once.

        A job that fails is logged under `name` and called again when its time comes. What is due in the same
        second is due at the same instant: each waking of its own costs as much as what most of them do.
        """
        job = _coroutine(name, function) if inspect.iscoroutinefunction(function) else _plain(name, function)
        first = self._since + timedelta(seconds=seconds)
        self._scheduler.add_job(job, "interval", seconds=seconds, start_date=first, id=name, name=name)

    def start(self) -> None:
        """Begin; needs a running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Begin no more jobs; what runs in a thread comes to its end."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _coroutine(name: str, function: Callable[[], Awaitable[object]]) -> Job:
    async def job() -> None:
        try:
            await function()
        except Exception as error:
            _tell(name, error)

    return job


def _plain(name: str, function: Callable[[], object]) -> Job:
    def job() -> None:
        try:
            function()
        except Exception as error:
            _tell(name, error)

    return job


def _tell(name: str, error: Exception) -> None:
    if isinstance(error, GdprError):
        _log.error("job %s failed: %s", name, error.id)
    else:
        _log.error("job %s failed", name, exc_info=error)
