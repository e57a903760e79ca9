"""Keys that are told twice, by ARI and by AMI, and count once; while one of the two is away the other tells.

Both tell of a key when it is let go, within milliseconds of each other. So what one tells is what the other
has told already if that was the same key of the same channel within `SAME`, and has no counterpart yet.
"""

from __future__ import annotations

from dataclasses import dataclass

SAME = 1.0
"""Seconds within which the second interface tells of the same key."""


@dataclass(frozen=True)
class _Told:
    source: str
    channel: str
    digit: str
    at: float


class Keys:
    """The keys of one exchange that have been told by one interface and not yet by the other."""

    def __init__(self) -> None:
        self._alone: list[_Told] = []

    def is_news(self, source: str, channel: str, digit: str, at: float) -> bool:
        """Whether a key counts; `source` names the interface, `at` is in seconds."""
        self._alone = [told for told in self._alone if at - told.at <= SAME]
        for told in self._alone:
            if (told.channel, told.digit) == (channel, digit) and told.source != source:
                self._alone.remove(told)
                return False
        self._alone.append(_Told(source, channel, digit, at))
        return True
