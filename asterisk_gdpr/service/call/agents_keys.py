"""The keys of agents: what they press, channel by channel, until it is something that means something.

No more of it is kept than the longest sequence has.
"""

from __future__ import annotations

from datetime import datetime

from asterisk_gdpr.core.call.keys import OF_AN_AGENT, sequence
from asterisk_gdpr.core.call.state import KEYS, Pressed, Verb

_LONGEST = max(map(len, OF_AN_AGENT))
_MEANS = {KEYS.pause: Verb.TOGGLE, KEYS.stop: Verb.STOP}


class AgentsKeys:
    """The last keys of each channel."""

    def __init__(self) -> None:
        self._pressed: dict[str, tuple[Pressed, ...]] = {}

    def pressed(self, channel: str, digit: str, at: datetime) -> Verb | None:
        """What is asked for by the key that completes a sequence."""
        keys = (*self._pressed.get(channel, ()), Pressed(digit, at))[-_LONGEST:]
        done = sequence(keys, OF_AN_AGENT)
        self._pressed[channel] = () if done else keys
        return _MEANS.get(done)

    def forget(self, channel: str) -> None:
        """The channel has gone."""
        self._pressed.pop(channel, None)
