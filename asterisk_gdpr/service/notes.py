"""What is noted of a recording while it grows, for its manifest: beside the legs, in memory.

MixMonitor's position is not call time: nothing is written while the subject is in no bridge, nor while
both sides send nothing. So the notes keep a map of frame to time, and grow only when the map would be off.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Damaged

TOLERANCE = timedelta(milliseconds=500)
"""How far the map of time may be off: the legs are looked at twice in it."""


@dataclass
class Stretch:
    """One run of MixMonitor; `changes` are [at, muted, reason]."""

    number: int
    started_at: str
    ended_at: str | None = None
    changes: list[list[Any]] = field(default_factory=list)


@dataclass
class Notes:
    """`points` are [frame, time], `parties` and `gaps` as the manifest words them."""

    call: str
    rate: int
    stretches: list[Stretch] = field(default_factory=list)
    points: list[list[Any]] = field(default_factory=list)
    parties: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)

    def begin_stretch(self, number: int, at: datetime) -> None:
        """MixMonitor has been started, muted."""
        changes = [[to_text(at), True, "started"]]
        self.stretches.append(Stretch(number, to_text(at), changes=changes))

    def end_stretch(self, at: datetime) -> None:
        """MixMonitor runs no more."""
        if self.stretches and self.stretches[-1].ended_at is None:
            self.stretches[-1].ended_at = to_text(at)

    def change(self, at: datetime, *, muted: bool, reason: str) -> None:
        """Capture was muted or opened."""
        if self.stretches:
            self.stretches[-1].changes.append([to_text(at), muted, reason])

    def grown(self, frame: int, at: datetime) -> bool:
        """`frame` frames were there at `at`; True when the map had to be told (a jump, or the first)."""
        if self.points:
            last_frame, last_at = self.points[-1]
            expected = from_text(last_at) + timedelta(seconds=(frame - last_frame) / self.rate)
            if abs(at - expected) <= TOLERANCE or frame <= last_frame:
                return False
        begun = self.points[-1][0] if self.points else 0
        # What was written since the last look was spoken just before now; the jump lies in front of it.
        start = max(begun + 1 if self.points else 0, frame - round(2.1 * self.rate))
        self.points.append([start, to_text(at - timedelta(seconds=(frame - start) / self.rate))])
        return True

    def to_bytes(self) -> bytes:
        """As they lie beside the legs."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Notes:
        """What `to_bytes` wrote; anything else raises Damaged."""
        try:
            fields = json.loads(data)
            fields["stretches"] = [Stretch(**stretch) for stretch in fields["stretches"]]
            return cls(**fields)
        except (ValueError, TypeError, KeyError):
            raise Damaged("The notes beside the legs are not what was written.") from None
