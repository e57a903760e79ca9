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

from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.core.call.state import Result, Verb
from asterisk_gdpr.core.connection import SWAP_RINGS
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import AgentBook, Clock, Command, CommandBook
from asterisk_gdpr.service.ids import new_id

STALE = 10.0
"""Seconds that whoever asks waits for an answer."""

TOO_LATE = "too_late"
"""The answer to a wish that nobody waits for any more."""

_LOOK_AGAIN = 0.1

DONE = frozenset(
    {Result.PAUSED, Result.RESUMED, Result.WITHDRAWN, Result.HELD, Result.STOPPED, Result.SWAPPED}
)
"""The answers that say that it was done; the others say why not, or not wholly."""


def patience(verb: Verb) -> float:
    """Seconds until a wish that was taken up is answered at the latest: a swap lets a phone ring."""
    return STALE + SWAP_RINGS if verb is Verb.SWAP else STALE


class ToCalls:
    """What can be asked of a call, by whichever way: `carry_out` does it, and says what came of it.

    Whom a swap brings in must be in the register of agents: nobody has the PBX call a number of their choice.
    """

    def __init__(self, calls: Callable[[str, Verb, str], Awaitable[Result]], agents: AgentBook) -> None:
        self._calls = calls
        self._agents = agents

    async def carry_out(self, call: str, verb: str, agent: str) -> str:
        """Raises Unreachable where the register is away and it must be asked."""
        endpoint = ""
        if verb == Verb.SWAP:
            found = await asyncio.to_thread(self._agents.agent, agent)
            if found is None or found.standing == AgentStanding.REMOVED:
                return str(Result.NO_SUCH_AGENT)
            endpoint = found.endpoint
        return str(await self._calls(call, Verb(verb), endpoint))


class Commands:
    """The daemon's side: `tick` answers what is asked."""

    def __init__(
        self,
        book: CommandBook,
        carry_out: Callable[[str, str, str], Awaitable[str]],
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
            async with asyncio.timeout(patience(Verb(command.verb))):
                return await self._carry_out(command.call, command.verb, command.agent)
        except TimeoutError:
            return TOO_LATE


def ask(book: CommandBook, clock: Clock, call: str, verb: Verb, by: str, agent: str = "") -> str:
    """The other side: put a wish down, and wait for what came of it; blocks.

    `agent` is the id of whom a swap brings in. Raises Unreachable when no daemon answers.
    """
    command = Command(new_id("w"), call, str(verb), clock.now(), agent=agent)
    book.ask(command, by)
    deadline = time.monotonic() + patience(verb)
    while not (outcome := book.command(command.id).outcome):
        if time.monotonic() > deadline:
            raise Unreachable(
                "The daemon that has this call does not answer.",
                hint="Look at `asterisk-gdpr status`.",
                id="daemon-unreachable",
            )
        time.sleep(_LOOK_AGAIN)
    return outcome
