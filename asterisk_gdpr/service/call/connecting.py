"""A connection, acted out: whom the dialplan would have called is called here, and both are joined.

The rules are `core.connection`'s; this carries out what they want, for the actor of the call, in whose
queue the events of both machines stand in one order.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from typing import Any, get_args

from asterisk_gdpr.core import connection as rules
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Result
from asterisk_gdpr.core.connection import Connection, Stage
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Exchange

log = logging.getLogger(__name__)

RING_MARGIN = 2.0
"""Seconds beyond the ringing after which the dialplan takes the caller back from a silent app."""

HUNG_UP = 16
"""The cause (Q.850) of a channel that somebody has hung up."""

_OWN = get_args(rules.Event)

TellAnything = Callable[[Any], None]


@dataclass(frozen=True)
class Between:
    """Whose connection it is: the call's id, and the channel that the dialplan handed to us."""

    call: str
    caller: str

    def leg(self, number: int) -> str:
        """The channel id of a leg: known before it is called, and after a restart."""
        return f"{self.call}-leg{number:02d}"

    @property
    def bridge(self) -> str:
        """The id of the bridge."""
        return f"{self.call}-bridge"


def leg_number(channel: str) -> int:
    """Which leg of its connection a channel is; 0 for one that is none."""
    _, mark, number = channel.rpartition("-leg")
    return int(number) if mark and number.isdecimal() else 0


class Connecting:
    """The connection of one call; `begin_notice` is what an outbound leg hears when it has answered."""

    def __init__(
        self,
        exchange: Exchange,
        between: Between,
        connection: Connection,
        tell: TellAnything,
        begin_notice: Callable[[], Awaitable[None]],
        report: Callable[[int, Result], None],
    ) -> None:
        """`report` hands on what came of a command, by its number."""
        self._report = report
        self._exchange = exchange
        self.between = between
        self._connection = connection
        self.serve(tell, begin_notice)

    def serve(self, tell: TellAnything, begin_notice: Callable[[], Awaitable[None]]) -> None:
        """Whose connection it is from now on."""
        self._tell = tell
        self._begin_notice = begin_notice

    @property
    def outbound(self) -> bool:
        """Whether the one who is called is the data subject."""
        return self._connection.outbound

    @property
    def caller(self) -> str:
        """The channel that the dialplan handed to us."""
        return self.between.caller

    @property
    def calls_first(self) -> bool:
        """Whether the data subject is still to be called."""
        return self.outbound and self._connection.stage is Stage.TELLING and not self._connection.legs

    @property
    def is_over(self) -> bool:
        """Whether the caller is in the dialplan's hands."""
        return self._connection.stage is Stage.OVER

    def legs_known(self, channels: Container[str]) -> None:
        """A leg that is called or talks, and is not among the living channels, is gone."""
        for leg in (self._connection.leg, self._connection.next_leg):
            if leg and self.between.leg(leg) not in channels:
                self._tell(rules.LegGone(leg, 0))

    async def begin(self) -> None:
        """Call first (outbound); inbound the notice comes first."""
        await self._go(rules.begin(self._connection))

    async def take(self, event: Any) -> bool:
        """Answer an event, or what an event of the call means here; True if it was the connection's alone."""
        if isinstance(event, _OWN):
            await self._go(rules.step(self._connection, event))
            return True
        if (meaning := self._meaning(event)) is not None:
            await self._go(rules.step(self._connection, meaning))
        return False

    def _meaning(self, event: Any) -> rules.Event | None:
        """The data subject's channel is the caller's inbound, and the leg's outbound."""
        match event:
            case events.HungUp() if self.outbound:
                return rules.LegGone(self._connection.leg, HUNG_UP)
            case events.HungUp():
                return rules.CallerGone()
            case events.LeftNotice() if not self.outbound:
                return rules.CallerLeft()
            case events.NodeLeaving():
                return rules.Leaving()
        return None

    async def _go(self, step: rules.Step) -> None:
        self._connection, effects = step
        for effect in effects:
            try:
                await self._do(effect)
            except GdprError as error:
                log.info("call %s: %s failed: %s", self.between.call, type(effect).__name__, error.id)
                self._failed(effect, error.id)

    async def _do(self, effect: rules.Effect) -> None:
        exchange, between = self._exchange, self.between
        match effect:
            case rules.Ring():
                await exchange.ring(between.caller, self._connection.seconds + RING_MARGIN)
            case rules.Dial(leg, endpoint, seconds):
                await exchange.dial(between.caller, between.leg(leg), endpoint, seconds)
            case rules.Tell():
                await self._begin_notice()
            case rules.Join(leg):
                await exchange.bring_together(between.bridge, between.caller, between.leg(leg))
                self._tell(rules.Joined(leg))
            case rules.HangUpLeg(leg):
                await exchange.end_channel(between.leg(leg))
            case rules.HangUpCaller():
                await exchange.end_channel(between.caller)
            case rules.HandBack(status):
                await exchange.hand_back(between.caller, str(status or ""))
            case rules.Dissolve():
                await exchange.dissolve(between.bridge)
            case rules.Report(number, result):
                self._report(number, result)

    def _failed(self, effect: rules.Effect, why: str) -> None:
        """What Asterisk's no means; what is gone already needs no end."""
        match effect:
            case rules.Dial(leg):
                self._tell(rules.LegGone(leg, 0))
            case rules.Join(leg):
                self._tell(rules.NotJoined(leg))
            case rules.Ring() if why == "channel-gone":
                self._tell(rules.CallerGone())
            case _:
                pass
