"""Commands to calls that are going on, from other processes: put down in the register, carried out here.

The command line and the page do not speak to the daemon; they put a wish down and wait for the answer.
A wish that waited for longer than `STALE` seconds is not carried out: nobody waits for it any more, and a
pause that comes late pauses something else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from asterisk_gdpr.core.call.state import Result, Verb
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Clock, Command, CommandBook
from asterisk_gdpr.service.ids import new_id

STALE = 10.0
"""Seconds that whoever asks waits for an answer."""

TOO_LATE = "too_late"
"""The answer to a wish that nobody waits for any more."""

_LOOK_AGAIN = 0.1

DONE = frozenset({Result.PAUSED, Result.RESUMED, Result.WITHDRAWN, Result.HELD, Result.STOPPED})
"""The answers that say that it was done; the others say why not, or not wholly."""


class Commands:
    """The daemon's side: `tick` answers what is asked."""

    def __init__(
        self,
        book: CommandBook,
        carry_out: Callable[[str, Verb], Awaitable[Result]],
        clock: Clock,
        node: str,
    ) -> None:
        self._book = book
        self._carry_out = carry_out
        self._clock = clock
        self._node = node
        self._under_way: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def tick(self) -> None:
        """Take up what is new; each is answered as soon as it is done."""
        for command in await asyncio.to_thread(self._book.asked, self._node):
            if command.id not in self._under_way:
                self._under_way.add(command.id)
                task = asyncio.create_task(self._answer(command))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _answer(self, command: Command) -> None:
        try:
            outcome = await self._outcome(command)
            await asyncio.to_thread(self._book.answer, command.id, outcome, self._clock.now())
        finally:
            self._under_way.discard(command.id)

    async def _outcome(self, command: Command) -> str:
        if self._clock.now() - command.asked_at > timedelta(seconds=STALE):
            return TOO_LATE
        try:
            async with asyncio.timeout(STALE):
                return str(await self._carry_out(command.call, Verb(command.verb)))
        except TimeoutError:
            return TOO_LATE


def ask(book: CommandBook, clock: Clock, call: str, verb: Verb, by: str) -> str:
    """The other side: put a wish down, and wait for what came of it; blocks.

    Raises Unreachable when no daemon answers.
    """
    command = Command(new_id("w"), call, str(verb), clock.now())
    book.ask(command, by)
    deadline = time.monotonic() + STALE
    while not (outcome := book.command(command.id).outcome):
        if time.monotonic() > deadline:
            raise Unreachable(
                "The daemon that has this call does not answer.",
                hint="Look at `asterisk-gdpr status`.",
                id="daemon-unreachable",
            )
        time.sleep(_LOOK_AGAIN)
    return outcome
