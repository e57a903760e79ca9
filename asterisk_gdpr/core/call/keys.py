"""Keys that belong together: what is pressed in the talk is a sequence, not a single key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import KEYS, Call, Pressed

SEQUENCE_WITHIN = timedelta(seconds=3)
"""The keys of a sequence such as `*9` follow each other within this (design: keys of the talk)."""

OF_THE_CALLER = (KEYS.withdraw, KEYS.agree_later)
OF_AN_AGENT = (KEYS.pause, KEYS.stop)


def sequence(keys: tuple[Pressed, ...], known: Iterable[str]) -> str:
    """Which of these sequences the last keys are, pressed without a pause; empty for none."""
    for wanted in known:
        last = keys[-len(wanted) :]
        if "".join(key.digit for key in last) == wanted and all(
            later.at - key.at <= SEQUENCE_WITHIN for key, later in pairwise(last)
        ):
            return wanted
    return ""


def withdraws(keys: tuple[Pressed, ...]) -> bool:
    """Whether the last keys are the withdrawal's sequence."""
    return bool(sequence(keys, (KEYS.withdraw,)))


def heed(call: Call, event: events.KeyPressed) -> tuple[Call, str]:
    """The call with the key noted, and the caller's sequence that is now complete.

    No more keys are kept than a sequence has: what a caller keys in otherwise (the number of a card) is
    nobody's business.
    """
    longest = max(map(len, OF_THE_CALLER))
    keys = (*call.keys, Pressed(event.digit, event.at))[-longest:]
    done = sequence(keys, OF_THE_CALLER)
    return replace(call, keys=() if done == KEYS.withdraw else keys), done
