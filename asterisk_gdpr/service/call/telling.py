"""The notice as one caller hears it: parts played and waited for, and what of it proves the choice.

Before each part and each wait the dialplan's watchdog is set anew, so that a silent app costs the caller
no more than that part; outbound also for the one who waits for whoever hears the notice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.choice import is_unproven
from asterisk_gdpr.core.call.state import Part
from asterisk_gdpr.core.language import after
from asterisk_gdpr.core.notice import part_id
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.ports import Evidence
from asterisk_gdpr.service.call.heard import PROVEN, Heard
from asterisk_gdpr.service.call.shared import Playable, Shared, Taken
from asterisk_gdpr.service.call.spelling import media, spelled
from asterisk_gdpr.service.call.timers import Timers

WATCHDOG_MARGIN = 2.0
"""Seconds beyond a prompt or a wait after which the dialplan takes the call back from a silent app."""


class Telling:
    """The notice of one call; `waits` is the channel of who waits meanwhile for the one who hears it."""

    def __init__(self, shared: Shared, taken: Taken, timers: Timers, waits: Callable[[], str]) -> None:
        self._shared = shared
        self.taken = taken
        """The call as it was taken, in the language that it is spoken to in now."""
        self._timers = timers
        self._waits = waits
        self._heard = Heard()
        self._playback = ""
        self._begins: do.Answer | do.TakeUp | None = None

    @property
    def heard(self) -> list[Mapping[str, Any]]:
        """What was played until now."""
        return [*self.taken.heard, *self._heard.facts()]

    @property
    def begun(self) -> bool:
        """Whether a word was ever played."""
        return bool(self._playback)

    def media(self, part: Part, question: int = 0) -> str:
        """A part as Asterisk is told of it."""
        return media(self._prompt(part_id(part, question)))

    def begin(self, how: do.Answer | do.TakeUp) -> None:
        """With the part that is played next: each round trip before the first sound would be a silence."""
        self._begins = how

    async def play(self, effect: do.Play) -> None:
        """Play a part; its end is told by the exchange."""
        part = part_id(effect.part, self._place(effect))
        prompt = self._prompt(part)
        if effect.part is Part.RECEIPT:
            prompt = await spelled(self._shared, self.taken, prompt)
        exchange, channel = self._shared.exchange, self.taken.channel
        seconds = prompt.seconds + WATCHDOG_MARGIN
        self._playback = f"{self.taken.id}-{effect.playing}"
        self._heard.began(effect.playing, part, prompt, self._now())
        if begins := self._begins:
            self._begins = None
            answer = isinstance(begins, do.Answer)
            await exchange.begin(channel, seconds, self._playback, media(prompt), answer=answer)
        else:
            await exchange.play(channel, self._playback, media(prompt), seconds)
        await self._keep_waiting(seconds)

    async def stop(self) -> None:
        """Stop what plays."""
        await self._shared.exchange.stop_playing(self._playback)

    async def wait(self, playing: int, seconds: float) -> None:
        """Wait for a key after a part."""
        self._timers.start(events.WaitEnded(playing), seconds)
        await self._rearm(seconds + WATCHDOG_MARGIN)

    def next_language(self) -> None:
        """From now on the caller is spoken to in the line's next language."""
        spoken = self.taken.policy.lines[self.taken.rules.line].languages
        self.taken = replace(self.taken, language=after(spoken, self.taken.language))

    def cut(self, event: events.PromptEnded) -> bool:
        """Whether a part ended before its time, so that its end tells nothing."""
        return self._heard.cut(event)

    def proven(self, event: events.PromptEnded) -> str | None:
        """The alarm that is over since this part was heard to its end."""
        return PROVEN.get(self._heard.part(event.playing)) if event.heard else None

    def evidence(self, effect: do.CommitChoice) -> Evidence:
        """What was heard, what was pressed, and under which policy."""
        if is_unproven(self.taken.rules, effect.answers):
            self._heard.prove_nothing()
        facts = {
            "line": self.taken.rules.line,
            "policy": self.taken.policy.version,
            "language": self.taken.language,
            "notice": [*self.taken.earlier.heard, *self.heard],
            "said": [str(said) for said in effect.answers],
            "keys": [{"digit": key.digit, "at": to_text(key.at)} for key in effect.keys],
            "purposes": sorted(effect.purposes),
            **({"early_media": True} if self.taken.rules.early_media else {}),
            **({"draw": self.taken.draw.facts()} if self.taken.draw else {}),
            **self.taken.earlier.facts(self.taken.rules),
        }
        return Evidence(self.taken.id, self._now(), str(effect.outcome), facts)

    def _place(self, effect: do.Play) -> int:
        """Where a question stands in the line's notice, all of which need not be asked."""
        return self.taken.rules.questions[effect.question].place if effect.part is Part.QUESTION else 0

    def _prompt(self, part: str) -> Playable:
        prompt = self.taken.prompt or self._shared.prompt
        return prompt(self.taken.rules.line, self.taken.language, part)

    async def _rearm(self, seconds: float) -> None:
        await self._shared.exchange.rearm_watchdog(self.taken.channel, seconds)
        await self._keep_waiting(seconds)

    async def _keep_waiting(self, seconds: float) -> None:
        if waits := self._waits():
            await self._shared.exchange.rearm_watchdog(waits, seconds + WATCHDOG_MARGIN)

    def _now(self) -> datetime:
        return self._shared.clock.now()
