"""Keeping one connection to Asterisk alive: connect, serve until it ends, wait a little, again.

Whatever ends a connection is `Unreachable`; anything else that is raised is a bug and ends the link.
The wait grows from `first` to `most` seconds, with jitter so that many nodes do not come at once,
and begins anew after a connection that lasted.
Where a person must mend something (`ForAPerson`) the wait is `mend` seconds: Asterisk logs each
refused try, and some installations lock the address out.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

from asterisk_gdpr.adapters.refusals import ForAPerson
from asterisk_gdpr.errors import Unreachable

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How patient a link is; all in seconds.

    `answer` bounds one request; a peer that is silent for `silence` is asked for a sign of life and given
    half as long to send one, so that a dead one is noticed within 1.5 times `silence`.
    """

    first: float = 0.05
    most: float = 2.0
    mend: float = 15.0
    answer: float = 5.0
    silence: float = 3.0

    def wait(self, failures: int, problem: Unreachable) -> float:
        """How long to wait after so many failures in a row, the last of which was `problem`."""
        if isinstance(problem, ForAPerson):
            return self.mend
        longest = min(self.most, self.first * 2.0 ** min(failures, 16))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311  (jitter, not a secret)


class Link:
    """One connection that is made again whenever it ends.

    `serve(up)` makes a connection, calls `up` once it can be used, and stays until it ends.
    `on_connected` is told at each `up`; `on_lost` once for each outage, and again in it when the kind of the
    problem changes. Both are called in the event loop and must not block.
    """

    def __init__(
        self,
        name: str,
        serve: Callable[[Callable[[], None]], Awaitable[None]],
        *,
        on_connected: Callable[[], None],
        on_lost: Callable[[Unreachable], None],
        pace: Pace,
    ) -> None:
        self._name = name
        self._serve = serve
        self._on_connected = on_connected
        self._on_lost = on_lost
        self._pace = pace
        self._up = asyncio.Event()
        self._problem_id: str | None = None
        self.problem: Unreachable | None = None
        """Why there is no connection, once one was tried; None while it stands."""

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._up.is_set()

    async def wait_connected(self) -> None:
        """Return once the connection stands."""
        await self._up.wait()

    async def run(self) -> NoReturn:
        """Keep the connection until cancelled."""
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            began = clock()
            try:
                await self._serve(self._came_up)
                problem = Unreachable(f"{self._name} closed the connection.")
            except Unreachable as error:
                problem = error
            finally:
                lasted = self.connected and clock() - began > self._pace.most
                self._up.clear()
            self._went_down(problem)
            failures = 0 if lasted else failures + 1
            await asyncio.sleep(self._pace.wait(failures, problem))

    def _came_up(self) -> None:
        self._problem_id = self.problem = None
        self._up.set()
        log.info("%s: connected", self._name)
        self._on_connected()

    def _went_down(self, problem: Unreachable) -> None:
        self.problem = problem
        if problem.id == self._problem_id:
            return
        self._problem_id = problem.id
        level = logging.ERROR if isinstance(problem, ForAPerson) else logging.WARNING
        log.log(level, "%s: %s", self._name, problem)
        self._on_lost(problem)


class Kept:
    """What a client shows of the link that it keeps; the client sets `_link` when it is made."""

    _link: Link

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._link.connected

    @property
    def problem(self) -> Unreachable | None:
        """Why there is no connection, once one was tried; None while it stands."""
        return self._link.problem

    async def wait_connected(self) -> None:
        """Return once the connection can be used."""
        await self._link.wait_connected()

    async def run(self) -> NoReturn:
        """Keep the connection until cancelled."""
        await self._link.run()
