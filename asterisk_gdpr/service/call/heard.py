"""What a caller has heard of the notice, as evidence and as the call machine is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Part
from asterisk_gdpr.core.notice import part_id
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.service.call.shared import Playable

CUT = 0.1
"""Seconds by which a prompt may end early and still count as heard to its end."""


PROVEN = {part_id(Part.STATEMENT): "notice-failed", part_id(Part.DETAILS): "details-failed"}
"""Part of the notice → the alarm that is over once it was heard to its end."""


@dataclass
class Heard:
    """What was played of the notice, for the evidence.

    Asterisk says `done` of a prompt that was stopped, too, whoever stopped it: only one that took its time
    was heard. What stopped another is told as well, or else the watchdog ends the waiting.
    """

    parts: list[dict[str, Any]] = field(default_factory=list)
    _until: dict[int, float] = field(default_factory=dict)

    def began(self, number: int, part: str, prompt: Playable, at: datetime) -> None:
        """A prompt plays from now on."""
        self._until[number] = _loop_time() + prompt.seconds - CUT
        told = {"id": part, "text": prompt.text, "sha256": prompt.audio_sha256}
        self.parts.append({"playing": number, **told, "at": to_text(at), "heard": False})

    def cut(self, event: events.PromptEnded) -> bool:
        """Whether the prompt ended before its time; notes one that did not as heard."""
        if event.heard and _loop_time() < self._until.get(event.playing, 0.0):
            return True
        for part in self.parts:
            if part["playing"] == event.playing:
                part["heard"] = event.heard
        return False

    def prove_nothing(self) -> None:
        """Whatever was played to its end, nothing shows that anybody could hear it."""
        for part in self.parts:
            part["heard"] = False

    def part(self, number: int) -> str:
        """Which part was played under this number; empty for none."""
        return next((str(part["id"]) for part in self.parts if part["playing"] == number), "")

    def facts(self) -> list[dict[str, Any]]:
        """Every part with its words and the hash of its audio, and whether it was heard."""
        return [{key: value for key, value in part.items() if key != "playing"} for part in self.parts]


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
