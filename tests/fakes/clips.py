"""The part of the register in memory that holds clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.core.clip import Clip
from asterisk_gdpr.errors import Refused


class MemoryClips:
    """Plays `ports.ClipBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any

    def add_clip(self, clip: Clip) -> None:
        if clip.recording in self._tables.tombstones:
            raise Refused("This recording has been erased, or is being erased.", id="erased")
        self._tables.clips[clip.id] = clip
        told = {"user": clip.user, "recording": clip.recording, "clip": clip.id, "coach": clip.coach}
        self.record("clip-shared", told, clip.made_at)

    def clip(self, id: str) -> Clip:
        if id not in self._tables.clips:
            raise Refused(f"There is no clip {id}.", id="unknown-clip")
        found: Clip = self._tables.clips[id]
        return found

    def clips_of(self, user: str, now: datetime) -> Sequence[Clip]:
        every = self._tables.clips.values()
        mine = [each for each in every if user in (each.user, each.coach) and each.lives(now)]
        return sorted(mine, key=lambda each: each.made_at, reverse=True)

    def end_clip(self, id: str, by: str, at: datetime) -> None:
        clip = self.clip(id)
        if clip.user != by or not clip.lives(at):
            raise Refused(f"There is no clip {id}.", id="unknown-clip")
        self._tables.clips[id] = replace(clip, ends_at=at)
        self.record("clip-ended", {"user": by, "clip": id}, at)

    def wipe_clips(self, recording: str) -> None:
        for id, one in list(self._tables.clips.items()):
            if one.recording == recording:
                self._tables.clips[id] = replace(one, user="", coach="")
