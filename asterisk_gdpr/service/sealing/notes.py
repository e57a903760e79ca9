"""What is noted of a recording while it grows, for its manifest: beside the legs, in memory.

MixMonitor's position is not call time: nothing is written while the subject is in no bridge, nor while
both sides send nothing. So the notes keep a map of frame to time, and grow only when the map would be off.

The next life of this process may be of another release. Notes of an older one are read, and what it did not
note yet is taken for the worst; those of a newer one are not, since they may hold more than is understood.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from asterisk_gdpr.core.recording import Progress, Recording
from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Damaged

VERSION = 2
"""Of the notes; the first releases wrote none, and the very first did not note who watched.

Before 2 a pause and a hold were known only by the reason of the last mute.
"""

TOLERANCE = timedelta(milliseconds=500)
"""How far the map of time may be off: the legs are looked at twice in it."""

BUFFER = 2.1
"""Seconds: a little more than Asterisk 22 writes at once (32768 bytes of a leg at 8 kHz, 2.048 s)."""

BLOCK = 32768
"""Bytes that Asterisk 22 writes of a leg at once; what was captured by now is in the file after so many."""

LOST = "spool_lost"
"""The reason of a gap: legs that held audio are gone."""

PAUSED = "paused"
"""The reason of a mute that a person asked for, for a while."""

HOLD = "hold"
"""The reason of a mute while somebody is on hold."""

UNWATCHED = "unwatched"
"""The reason of a gap: nobody saw who was in the call, so what was captured is silence."""


@dataclass
class Stretch:
    """One run of MixMonitor; `changes` are [at, muted, reason]."""

    number: int
    started_at: str
    ended_at: str | None = None
    changes: list[list[Any]] = field(default_factory=list)


@dataclass
class Notes:
    """`points` are [frame, time], `parties` and `gaps` as the manifest words them.

    `tolerance_ms` is how far the map may be off, in milliseconds. `seen` is [stretch, bytes of a leg]: what
    lies behind it was captured while nobody has vouched yet for who was in the call; None when nothing is in
    doubt. `silenced` are [stretch, from, to] in bytes of a leg: audio that is sealed as silence.
    `paused_since` is when the pause that goes on was last asked for, `on_hold` whether somebody is on hold.
    `withdrawn` are the data subject's words that the register may not have yet: [purposes, reason, grace].
    `unknown` says that earlier notes could not be read: nobody knows whether the talk was paused, say.
    """

    call: str
    rate: int
    stretches: list[Stretch] = field(default_factory=list)
    points: list[list[Any]] = field(default_factory=list)
    parties: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    tolerance_ms: int = TOLERANCE // timedelta(milliseconds=1)
    seen: list[int] | None = None
    silenced: list[list[int]] = field(default_factory=list)
    withdrawn: list[list[Any]] = field(default_factory=list)
    unknown: bool = False
    paused_since: str | None = None
    on_hold: bool = False
    version: int = VERSION

    @classmethod
    def rebuilt(cls, recording: Recording, progress: Progress, begun_at: datetime, now: datetime) -> Notes:
        """What the register still knows when the notes are gone, as after a power cut.

        The capture began muted as soon as the recording was prepared, and its first frame was spoken about
        `begun_at`; who was in the call, and when it was muted, is not known any more.
        Every frame was spoken between the preparation and now: so far may the map be off.
        """
        notes = cls(recording.call, recording.rate, unknown=True)
        notes.begin_stretch(progress.stretch, recording.created_at)
        notes.tolerance_ms += max(timedelta(), now - recording.created_at) // timedelta(milliseconds=1)
        if progress.frames:
            notes.points.append([0, to_text(max(begun_at, recording.created_at))])
        return notes

    def time_of(self, frame: int) -> datetime | None:
        """When a frame was spoken; None when nothing is known of any."""
        if not self.points:
            return None
        point, at = self.points[max(0, bisect_right(self.points, frame, key=lambda point: point[0]) - 1)]
        return from_text(at) + timedelta(seconds=(frame - point) / self.rate)

    def lost(self, frame: int, at: datetime) -> None:
        """What was captured after `frame` is gone, as was found at `at`; it may be found again and again."""
        if any((gap["frame"], gap["reason"]) == (frame, LOST) for gap in self.gaps):
            return
        since = self.time_of(frame)
        if since is None:
            since = from_text(self.stretches[-1].started_at) if self.stretches else at
        self._gap(frame, since, at, LOST)

    def silence(self, stretch: int, start: int, end: int) -> None:
        """Seal this part of both legs, in bytes, as silence."""
        if end <= start:
            return
        if self.silenced and self.silenced[-1][0] == stretch and self.silenced[-1][2] >= start:
            self.silenced[-1][2] = max(end, self.silenced[-1][2])
        else:
            self.silenced.append([stretch, start, end])

    def unwatched(self, first: int, after: int, at: datetime) -> None:
        """The frames from `first` to `after`, as found at `at`, are silence: nobody saw who was there."""
        last = self.gaps[-1] if self.gaps else None
        if last and last["reason"] == UNWATCHED and last["frame"] >= first:
            last.update(frame=after, ended_at=to_text(at))  # the same absence, still going on
        else:
            self._gap(after, self.time_of(first) or at, at, UNWATCHED)

    def _gap(self, frame: int, since: datetime, at: datetime, reason: str) -> None:
        told = {"started_at": to_text(min(since, at)), "ended_at": to_text(at), "reason": reason}
        self.gaps.append({"frame": frame, **told})

    def limit(self, stretch: int) -> int | None:
        """How many bytes of a leg of this stretch may be sealed by now; None when all of them may be."""
        if self.seen is None or stretch < self.seen[0]:
            return None
        return self.seen[1] if stretch == self.seen[0] else 0

    def masked(self, stretch: int, offset: int, leg: bytes) -> bytes:
        """What was read of a leg at `offset`, with silence where it is to be silent."""
        for of, start, end in self.silenced:
            first, last = max(start - offset, 0), min(end - offset, len(leg))
            if of == stretch and first < last:
                leg = leg[:first] + bytes(last - first) + leg[last:]
        return leg

    @property
    def opened(self) -> bool:
        """Whether anything was ever captured, as far as is noted."""
        return any(not muted for stretch in self.stretches for _, muted, _ in stretch.changes)

    def _as_by_the_last_mute(self) -> None:
        """A release before 2 noted a pause and a hold by nothing else."""
        changes = self.stretches[-1].changes if self.stretches else []
        if changes:
            at, _, reason = changes[-1]
            self.paused_since = at if reason == PAUSED else None
            self.on_hold = reason == HOLD

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

    @property
    def open(self) -> bool:
        """Whether MixMonitor runs, and is not muted, as far as is noted."""
        if not self.stretches or self.stretches[-1].ended_at is not None:
            return False
        _, muted, _ = self.stretches[-1].changes[-1]
        return not muted

    def grown(self, frame: int, at: datetime) -> bool:
        """`frame` frames were there at `at`; True when the map had to be told (a jump, or the first)."""
        if self.points:
            last_frame, last_at = self.points[-1]
            expected = from_text(last_at) + timedelta(seconds=(frame - last_frame) / self.rate)
            if abs(at - expected) <= TOLERANCE or frame <= last_frame:
                return False
        # What was written since the last look was spoken just before now; the jump lies in front of it.
        start = max(self.points[-1][0] + 1, frame - round(BUFFER * self.rate)) if self.points else 0
        self.points.append([start, to_text(at - timedelta(seconds=(frame - start) / self.rate))])
        return True

    def to_bytes(self) -> bytes:
        """As they lie beside the legs."""
        # Kept for every recording each few seconds: `asdict` would copy all of it first.
        return json.dumps({**vars(self), "stretches": [vars(stretch) for stretch in self.stretches]}).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Notes:
        """What `to_bytes` wrote, of this release or an older one; anything else raises Damaged."""
        try:
            fields = json.loads(data)
            if fields.get("version", 0) > VERSION:
                raise Damaged("The notes beside the legs are of a newer release.")
            watched = "seen" in fields
            fields["stretches"] = [Stretch(**stretch) for stretch in fields["stretches"]]
            notes = cls(**{**fields, "version": VERSION})
            if fields.get("version", 0) < VERSION:
                notes._as_by_the_last_mute()
            if not watched and notes.open:
                notes.seen = [1, 0]  # whatever is not sealed yet: nobody has noted who was there
            return notes
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            raise Damaged("The notes beside the legs are not what was written.") from None
