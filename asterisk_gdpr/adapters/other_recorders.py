"""Recorders that are not ours, as AMI tells of them; no I/O.

Asterisk names no MixMonitor in the event of its start, so ours are counted: each start that we ask for is
told once, and one that is told beyond those was asked for by somebody else (the dialplan, a queue, a key).
"""

from __future__ import annotations

from collections import Counter

from asterisk_gdpr.adapters.ami_wire import Message


class OtherRecorders:
    """Which starts of recorders were not asked for by us."""

    def __init__(self) -> None:
        self._expected: Counter[str] = Counter()

    def ask(self, channel: str) -> None:
        """We are about to ask for a MixMonitor on a channel."""
        self._expected[channel] += 1

    def refused(self, channel: str) -> None:
        """Asterisk said no: no start will be told."""
        self._expected[channel] -= 1

    def gone(self, channel: str) -> None:
        """The channel has ended."""
        self._expected.pop(channel, None)

    def told(self, message: Message) -> tuple[str, str] | None:
        """The channel that somebody else records by this event, and by what; None for any other event."""
        match message.event:
            case "MixMonitorStart":
                channel = message["Uniqueid"]
                if self._expected[channel] > 0:
                    self._expected[channel] -= 1
                    return None
                return channel, "MixMonitor"
            case "ChanSpyStart" if spied := message.get("SpyeeUniqueid", ""):
                return spied, "ChanSpy"
        return None
