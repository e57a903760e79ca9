"""How a channel leaves our hands: passed on by us, or taken by the dialplan, and then perhaps for a fax.

Asterisk tells the reason last: the prompt that plays fails, then the channel leaves, then the dialplan says
that it is a fax's (measured: all within a millisecond). So what was not our doing is told a `MOMENT` later,
when its reason has been told, and of a prompt that failed since its channel was taken nothing is told at all.
"""

from __future__ import annotations

MOMENT = 0.1
"""Seconds in which Asterisk tells why a channel has left us."""

FAX = "AsteriskGdprFax"
"""The event of our dialplan that says so of a channel that called with the tone of a fax machine."""


class Departures:
    """The channels that are about to leave, and those of which a word is waited for."""

    def __init__(self) -> None:
        self._passed: set[str] = set()
        self._failing: dict[str, str] = {}
        self._taken: set[str] = set()

    def __len__(self) -> int:
        """Of how many channels anything is held."""
        return len(self._passed | self._failing.keys() | self._taken)

    def passing(self, channel: str) -> None:
        """We let it go."""
        self._passed.add(channel)

    def failed(self, channel: str, playback: str) -> None:
        """A prompt has failed, or its channel is being taken."""
        self._failing[channel] = playback

    def has_failed(self, channel: str, playback: str) -> bool:
        """A moment later: the channel is still ours, so it was the prompt's fault."""
        if self._failing.get(channel) != playback:
            return False
        del self._failing[channel]
        return True

    def left(self, channel: str) -> bool:
        """It has left us; True when that was our doing, else a word is waited for."""
        self._failing.pop(channel, None)
        if channel in self._passed:
            self._passed.discard(channel)
            return True
        self._taken.add(channel)
        return False

    def was_taken(self, channel: str) -> bool:
        """That it was taken is to be told now; once."""
        there = channel in self._taken
        self._taken.discard(channel)
        return there

    def gone(self, channel: str) -> None:
        """It has ended."""
        self._passed.discard(channel)
        self._failing.pop(channel, None)
        self._taken.discard(channel)
