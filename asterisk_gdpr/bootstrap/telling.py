"""MQTT for one daemon, where the configuration wants it: the broker and what is said to it, put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from asterisk_gdpr.bootstrap.links import make_broker
from asterisk_gdpr.config.installation import Mqtt
from asterisk_gdpr.errors import GdprError, Unreachable
from asterisk_gdpr.ports import Clock, Outbox
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.announcing import messages
from asterisk_gdpr.service.announcing.announcing import Announcing, Do

log = logging.getLogger(__name__)

BROKER = "broker-unreachable"

FAREWELL = 1.0
"""Seconds that the last words may take."""


class Telling:
    """What a daemon tells over MQTT; `run` until cancelled, then `leave`."""

    def __init__(
        self, mqtt: Mqtt, outbox: Outbox, do: Do, alarms: Alarms, clock: Clock, node: str, owner: str
    ) -> None:
        self._alarms = alarms
        self._clock = clock
        self._node = node
        self._problem: Unreachable | None = None
        self._status = messages.STATUS.format(prefix=mqtt.prefix, node=node)
        commands = messages.SET.format(prefix=mqtt.prefix, node=node, call="+")
        self._broker = make_broker(
            mqtt,
            f"asterisk-gdpr-{node}-{owner[:8]}",
            (self._status, commands),
            lambda: messages.status(online=True, at=clock.now()),
            lambda received: self._announcing.asked(received),
        )
        self._announcing = Announcing(
            outbox,
            self._broker,
            do,
            alarms,
            clock,
            node=node,
            prefix=mqtt.prefix,
            keep=timedelta(seconds=mqtt.keep),
        )

    @property
    def changed(self) -> Callable[[Mapping[str, str]], None]:
        """Is told of each call as it changes."""
        return self._announcing.changed

    async def run(self) -> None:
        """Keep the connection, the outbox and what is sent."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._broker.run(), name="MQTT")
            group.create_task(self._announcing.run(), name="announcing")

    def watch(self) -> None:
        """An alarm for a broker that is away for longer than a beat; blocks."""
        problem, before = self._broker.problem, self._problem
        self._problem = problem
        if problem is None:
            self._alarms.over(BROKER, self._node)
        elif before is not None:
            self._alarms.raise_(BROKER, self._node, f"{problem.message} {problem.hint}".strip())
        self._announcing.tidy()

    async def leave(self) -> None:
        """Keep what has not been kept, and say that we have left in good order."""
        with contextlib.suppress(GdprError, TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self._announcing.flush()
                if self._broker.connected:
                    at = self._clock.now()
                    await self._broker.publish(
                        self._status, messages.status(online=False, at=at), retain=True
                    )


class Silent:
    """In the place of `Telling` where nobody is told."""

    async def run(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()

    def watch(self) -> None:
        """Nothing is to be watched."""

    async def leave(self) -> None:
        """Nothing is to be said."""
