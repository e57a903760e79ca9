"""Keys that belong together: the withdrawal is a sequence, not a single key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import KEYS, Call, Pressed

SEQUENCE_WITHIN = timedelta(seconds=3)
"""The keys of a sequence such as `*9` follow each other within this (design: keys of the talk)."""


def withdraws(keys: tuple[Pressed, ...]) -> bool:
    """Whether the last keys are the withdrawal's sequence, pressed without a pause."""
    last = keys[-len(KEYS.withdraw) :]
    if "".join(key.digit for key in last) != KEYS.withdraw:
        return False
    return all(later.at - key.at <= SEQUENCE_WITHIN for key, later in pairwise(last))


def heed(call: Call, event: events.KeyPressed) -> tuple[Call, bool]:
    """The call with the key noted, and whether the withdrawal's sequence is now complete."""
    keys = (*call.keys, Pressed(event.digit, event.at))[-len(KEYS.withdraw) :]
    if withdraws(keys):
        return replace(call, keys=()), True
    return replace(call, keys=keys), False
