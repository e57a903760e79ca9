"""Telling others how calls change, and doing what they ask: nothing is lost while they are away.

What is to be told goes into the outbox first, many messages in one transaction, and is forgotten when the
broker has taken it: so it survives the broker, the network and this process, and arrives in its order.
It may arrive twice, when a broker took it and its word of that was lost.
What is older than `keep` is dropped, with an alarm: a broker that never comes back must not fill the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import NoReturn, Protocol

import msgspec

from asterisk_gdpr.core.call.now import Because, Light
from asterisk_gdpr.core.call.state import Phase
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import GdprError, Unreachable
from asterisk_gdpr.ports import Clock, Outbox
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.announcing import messages

log = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds between tries to write what the register could not take, and to send what was not taken."""

MOST = 200
"""Messages in one transaction, and read from the outbox at once."""

DROPPED = "outbox-dropped"

Do = Callable[[str, str, str], Awaitable[str]]
"""(call, command, agent whom it names or nothing) → what came of it, in one word."""


class Publisher(Protocol):
    """Whoever takes messages."""

    async def wait_connected(self) -> None: ...  # noqa: D102  # the class says it
    async def publish(  # noqa: D102
        self, topic: str, payload: bytes, *, retain: bool = False, correlation: bytes = b""
    ) -> None: ...


class Asked(Protocol):
    """A command as it came in."""

    @property
    def topic(self) -> str: ...  # noqa: D102  # the names say it
    @property
    def payload(self) -> bytes: ...  # noqa: D102
    @property
    def answer_to(self) -> str: ...  # noqa: D102
    @property
    def correlation(self) -> bytes: ...  # noqa: D102


class Announcing:
    """What one node tells, and what it is asked; `changed` and `asked` are called in the event loop."""

    def __init__(
        self,
        outbox: Outbox,
        publisher: Publisher,
        do: Do,
        alarms: Alarms,
        clock: Clock,
        *,
        node: str,
        prefix: str,
        keep: timedelta,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._do = do
        self._alarms = alarms
        self._clock = clock
        self._node = node
        self._prefix = prefix
        self._keep = keep
        self._new: list[tuple[str, bytes]] = []
        self._told = asyncio.Event()
        self._kept = asyncio.Event()
        self._answers: set[asyncio.Task[None]] = set()

    def changed(self, now: Mapping[str, str]) -> None:
        """A call has changed: `call`, `line`, `phase`, `light`, `because`, and `outcome` once it has one."""
        state = messages.State(
            call=now["call"],
            line=now["line"],
            phase=Phase(now["phase"]),
            light=Light(now["light"]),
            because=Because(now["because"]),
            outcome=now.get("outcome"),
            at=to_text(self._clock.now()),
        )
        self._new.append((self._topic(messages.STATE, now["call"]), msgspec.json.encode(state)))
        self._told.set()

    def asked(self, command: Asked) -> None:
        """Somebody wants something done; they are answered once it is, or is not to be."""
        task = asyncio.ensure_future(self._answer(command))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def run(self) -> NoReturn:
        """Keep and send until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_all(), name="outbox")
            group.create_task(self._send_all(), name="sending")
        raise AssertionError("both go on until they are cancelled")

    async def flush(self) -> None:
        """Keep what has not been kept yet: the process ends."""
        if self._new:
            new, self._new = self._new, []
            await asyncio.to_thread(self._put, new)

    def _topic(self, topic: str, call: str) -> str:
        return topic.format(prefix=self._prefix, node=self._node, call=call)

    async def _keep_all(self) -> NoReturn:
        while True:
            await self._told.wait()
            self._told.clear()
            while self._new:
                batch = self._new[:MOST]
                try:
                    await asyncio.to_thread(self._put, batch)
                except Unreachable as error:
                    log.warning("what is to be told waits in memory: %s", error.id)
                    await asyncio.sleep(AGAIN)
                else:
                    del self._new[: len(batch)]
                    self._kept.set()

    def _put(self, batch: list[tuple[str, bytes]]) -> None:
        self._outbox.put(self._node, batch, self._clock.now())

    async def _send_all(self) -> NoReturn:
        """What an earlier life has left behind comes first."""
        while True:
            await self._publisher.wait_connected()
            self._kept.clear()
            try:
                more = await self._send_some()
            except GdprError as error:
                log.warning("what is to be told waits in the outbox: %s", error.id)
                await asyncio.to_thread(self._drop_old)
                await asyncio.sleep(AGAIN)
            else:
                if not more:
                    await self._kept.wait()

    async def _send_some(self) -> bool:
        """Send what waits, and forget it; whether there was any."""
        waiting = await asyncio.to_thread(self._outbox.waiting, self._node, MOST)
        arrived = 0
        try:
            for message in waiting:
                await self._publisher.publish(message.topic, message.payload)
                arrived = message.number
        finally:
            if arrived:
                await asyncio.to_thread(self._outbox.sent, self._node, arrived)
        return bool(waiting)

    def tidy(self) -> None:
        """Drop what is too old; to be called now and then. Blocks."""
        self._drop_old()

    def _drop_old(self) -> None:
        try:
            dropped = self._outbox.drop_before(self._node, self._clock.now() - self._keep)
            if dropped:
                message = f"{dropped} messages for the broker were too old and are gone."
                self._alarms.raise_(DROPPED, self._node, message)
        except GdprError as error:
            log.warning("the outbox is tidied later: %s", error.id)

    async def _answer(self, asked: Asked) -> None:
        call, command = messages.call_of(asked.topic), messages.command(asked.payload)
        result = messages.NOT_A_COMMAND
        try:
            if call and command is not None:
                result = await self._do(call, command.do, command.agent)
        except GdprError as error:
            result = error.id
        answer = messages.Answer(
            call=call,
            do=command.do if command else "",
            result=result,
            id=command.id if command else "",
            at=to_text(self._clock.now()),
        )
        topic = asked.answer_to or self._topic(messages.ANSWER, call or "unknown")
        try:
            await self._publisher.publish(topic, msgspec.json.encode(answer), correlation=asked.correlation)
        except GdprError as error:
            log.warning("an answer reached nobody: %s", error.id)
