"""A call of the privacy line, acted out: no row of it is kept, nothing of it is captured."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from asterisk_gdpr.core import privacy
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Call, Phase
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.service.call.actor import Actor
from asterisk_gdpr.service.call.shared import Shared, Taken
from asterisk_gdpr.service.rights.privacy_desk import PrivacyDesk

log = logging.getLogger(__name__)

ALONE = (Call(Phase.PASSED), ())
"""How such a call stands for the machine of the others: it has nothing of one."""

PATIENCE = 8.0
"""Seconds that an act may take before the dialplan takes the call back."""


class PrivacyCall(Actor):
    """Stands where a call's actor stands, and is told the same."""

    def __init__(
        self, shared: Shared, taken: Taken, desk: PrivacyDesk, number: str, *, from_call: bool = False
    ) -> None:
        """`from_call`: the caller was in a call of ours until now, of which nothing is recorded any more."""
        super().__init__(shared, taken)
        self._leaves_with = {"GDPR_RECORDING": "off"} if from_call else None
        self._privacy = desk
        self._number = number
        self._menu = privacy.Menu(has_number=desk.knows(number))

    @property
    def in_notice(self) -> bool:
        """Whether the call is in our hands."""
        return not self._menu.over

    @property
    def settled(self) -> bool:
        """There is nothing of it to be sealed."""
        return True

    async def run(self) -> None:
        """Act until the caller or the dialplan has the call."""
        self._menu, effects = privacy.begin(has_number=self._menu.has_number)
        await self._go(effects)
        while not self._menu.over:
            event: Any = await self._events.get()
            self._menu, effects = privacy.step(self._menu, event)
            await self._go(effects)
        self._timers.drop()

    async def _go(self, effects: tuple[privacy.Effect, ...]) -> None:
        for effect in effects:
            try:
                await self._act(effect)
            except GdprError as error:
                log.info("a call of the privacy line: %s failed: %s", type(effect).__name__, error.id)
                gone = error.id in ("channel-gone", "channel-elsewhere")
                self.tell(events.HungUp() if gone else events.WentWrong())

    async def _act(self, effect: privacy.Effect) -> None:
        exchange, channel = self._shared.exchange, self.taken.channel
        match effect:
            case do.Answer():
                self._notice.begin(effect)
            case do.Play(playing, part):
                await self._notice.play(do.Play(playing, part))
            case do.StopPlaying():
                await self._notice.stop()
            case do.WaitForKey(playing, seconds):
                await self._notice.wait(playing, seconds)
            case privacy.Carry(act, code):
                await exchange.rearm_watchdog(channel, PATIENCE)
                done = await asyncio.to_thread(
                    self._privacy.carry_out, act, self._number, self.taken.language, code
                )
                self._events.put_nowait(privacy.Carried(act, done))
            case privacy.GiveBack():
                await exchange.pass_on(channel, self._leaves_with)
