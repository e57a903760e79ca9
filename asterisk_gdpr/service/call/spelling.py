"""The code of a call as a prompt: what goes before it, and then digit by digit."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from asterisk_gdpr.core.call.state import Part
from asterisk_gdpr.core.notice import part_id
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.call.shared import Playable, Shared, Taken


@dataclass(frozen=True)
class Spelled:
    """Several prompts, one after the other; evidence names the first, and so no digit of the code."""

    path: str
    seconds: float
    text: str
    audio_sha256: str


async def spelled(shared: Shared, taken: Taken, before: Playable) -> Spelled:
    """A new code for this call, in the register before it is heard; raises Refused or Unreachable."""
    if shared.receipts is None:
        raise Refused("No receipts are given here.", id="no-receipts")
    code = await asyncio.to_thread(shared.receipts.issue, taken.id)
    prompt = taken.prompt or shared.prompt
    digits = [prompt(taken.rules.line, taken.language, part_id(Part.DIGIT, int(digit))) for digit in code]
    parts = [before, *digits]
    return Spelled(
        ",".join(part.path for part in parts),
        sum(part.seconds for part in parts),
        before.text,
        before.audio_sha256,
    )


def media(prompt: Playable) -> str:
    """A prompt as Asterisk is told of it."""
    return ",".join(f"sound:{path}" for path in prompt.path.split(","))
