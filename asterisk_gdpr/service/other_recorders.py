"""Whoever else records or listens in: told to a person, and loudest where the caller has refused.

We cannot know why somebody does it, and do not stop it: what runs on a channel may be the admin's own will.
That a call is recorded by other means is never hidden by our own recording of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

OTHER = "other-recorder"
DESPITE = "recorded-despite-refusal"


class Watched(Protocol):
    """A call of ours."""

    @property
    def must_not_be_recorded(self) -> bool: ...  # noqa: D102  # the names say it
    def alarm(self, id: str) -> None: ...  # noqa: D102


class OtherRecorders:
    """Recorders by the channel that they record; a call is told of them once, and anew when it is worse."""

    def __init__(self) -> None:
        self._by_channel: dict[str, set[str]] = {}
        self._told: set[tuple[str, str]] = set()

    def seen(self, channel: str, by: str) -> None:
        """Somebody records this channel."""
        self._by_channel.setdefault(channel, set()).add(by)

    def gone(self, channel: str) -> None:
        """The channel has ended, and what recorded it with it."""
        self._by_channel.pop(channel, None)
        self._told = {told for told in self._told if told[0] != channel}

    def look_at(self, subject: str, call: Watched, channels: Iterable[str]) -> None:
        """Raise what there is to be raised about a call whose people are on these channels."""
        if not any(channel in self._by_channel for channel in (subject, *channels)):
            return
        id = DESPITE if call.must_not_be_recorded else OTHER
        if (subject, id) not in self._told:
            self._told.add((subject, id))
            call.alarm(id)
