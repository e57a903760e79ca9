"""Who vouches for what was captured: a recording's sound counts only as far as somebody watched its call.

`service.call.watch` says until where; a `Vouched` recording keeps it beside its legs, holds back what lies
behind it, and makes silence of what nobody can vouch for. All of this is memory alone.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from asterisk_gdpr.core.recording import Progress
from asterisk_gdpr.core.times import from_text
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports import Clock, Legs, Spool
from asterisk_gdpr.service.sealing.notes import BLOCK, Notes

SAMPLE = 2
"""Bytes of one sample of one leg."""


class Found(NamedTuple):
    """What is known of a recording that is taken up: whether anybody talked, and whether it was in doubt."""

    talked: bool = False
    in_doubt: bool = False
    paused_since: datetime | None = None
    """When the pause that goes on was last asked for."""
    held: bool = False
    unknown: bool = False
    """Whether its notes could not be read, so that nobody knows any of this."""


class Vouched(ABC):
    """A recording that grows; `pen` is taken here, and `hands` never."""

    pen: threading.Lock
    gone: bool
    legs: Legs | None
    progress: Progress
    _notes: Notes
    _notes_kept: bool
    _spool: Spool
    _following: list[tuple[int, Legs]]
    _last: int
    _open: bool

    @abstractmethod
    def _keep(self) -> None:
        """Keep the notes beside the legs; with `pen` held."""

    def _lengths(self) -> list[tuple[int, int]]:
        """How long each stretch is by now that is not wholly sealed, in bytes of a leg."""
        if self.legs is None:
            return []
        unsealed = [(self.progress.stretch, self.legs), *self._following]
        return [(number, self._spool.length(legs) or 0) for number, legs in unsealed]

    def _frame(self, stretch: int, offset: int) -> int:
        """The frame of the recording that lies at this place of a leg of this stretch."""
        before = sum(length for number, length in self._lengths() if number < stretch)
        return self.progress.frames + max(0, before + offset - self.progress.consumed) // SAMPLE

    def _frame_now(self) -> int:
        lengths = self._lengths()
        return self._frame(*lengths[-1]) if lengths else self.progress.frames

    def opened(self) -> None:
        """Capture is about to be opened: from here on somebody has to vouch for who is in the call.

        Raises Refused where that cannot be noted, since a killed process would forget it.
        """
        with self.pen:
            self._open = True
            if self._notes.seen is None:
                self._notes.seen = list(self._mark())
            self._keep()
            if not self._notes_kept and not self.gone:
                raise Refused("The spool cannot keep what is noted of a recording.", id="notes-not-kept")

    def muted(self) -> None:
        """Capture is muted: what follows is silence, whoever is there."""
        with self.pen:
            self._open = False

    def mark(self) -> tuple[int, int] | None:
        """How far the newest stretch has come; None where nothing is in doubt."""
        with self.pen:
            return None if self.gone or self._notes.seen is None else self._mark()

    def _mark(self) -> tuple[int, int]:
        lengths = dict(self._lengths())
        return self._last, lengths.get(self._last, 0)

    def vouch(self, mark: tuple[int, int]) -> None:
        """Who was in the call until this mark is known, and was cleared."""
        with self.pen:
            seen = list(mark) if self._open else None
            if not self.gone and self._notes.seen not in (None, seen):
                self._notes.seen = seen
                self._keep()

    def found(self) -> Found:
        """What the legs and the notes tell of an earlier life."""
        with self.pen:
            talked = self._frame_now() > 0 or self._notes.opened
            notes = self._notes
            since = from_text(notes.paused_since) if notes.paused_since else None
            return Found(talked, notes.seen is not None, since, notes.on_hold, notes.unknown)

    def settle(self) -> None:
        """Who was in the call is known to its end."""
        with self.pen:
            if not self.gone and self._notes.seen is not None:
                self._open, self._notes.seen = False, None
                self._keep()

    def condemn(self, now: datetime, *, ended: bool, unwatched: bool = False) -> None:
        """What nobody vouched for is silence, and so is what Asterisk may hold back of it yet.

        When the call has `ended` nothing follows that would be in doubt again; while it goes on `unwatched`
        everything that follows is.
        """
        with self.pen:
            self._open = self._open and not ended
            notes = self._notes
            if self.gone or (seen := notes.seen) is None:
                return
            first = after = self._frame(seen[0], seen[1])
            for number, length in self._lengths():
                if number >= seen[0]:
                    end = length if number < self._last else length + BLOCK
                    notes.silence(number, notes.limit(number) or 0, end)
                    after = self._frame(number, end)
            if after > first:
                notes.unwatched(first, after, now)
            notes.seen = list(self._mark()) if self._open or unwatched else None
            self._keep()


class Vouching:
    """The recordings that are being sealed, as `service.call.watch` and the calls see them."""

    _jobs: Mapping[str, Vouched]
    _clock: Clock

    def opened(self, recording: str) -> None:
        """Capture is about to be opened: nothing of it is sealed before `vouch`. Raises Refused."""
        if job := self._jobs.get(recording):
            job.opened()

    def muted(self, recording: str) -> None:
        """Capture is muted: what follows is silence."""
        if job := self._jobs.get(recording):
            job.muted()

    def marks(self) -> dict[str, tuple[int, int]]:
        """How far each recording has come of which something is in doubt, by now."""
        found: dict[str, tuple[int, int]] = {}
        for name, job in list(self._jobs.items()):
            with suppress(GdprError):  # what cannot be looked at is vouched for later
                if mark := job.mark():
                    found[name] = mark
        return found

    def vouch(self, marks: Mapping[str, tuple[int, int]]) -> None:
        """Until these marks everybody who was in a call is known, and capture was open for them alone."""
        for recording, mark in marks.items():
            if job := self._jobs.get(recording):
                job.vouch(mark)

    def settle(self, recording: str) -> None:
        """The same, to the end of the call."""
        if job := self._jobs.get(recording):
            job.settle()

    def condemn(self, recording: str, *, ended: bool) -> None:
        """Nobody can vouch for what lies behind the last mark: it is sealed as silence, with a gap."""
        if job := self._jobs.get(recording):
            job.condemn(self._clock.now(), ended=ended)

    def condemn_open(self) -> None:
        """While nobody can watch: what is captured is silence, and need not wait to be sealed as that."""
        for job in list(self._jobs.values()):
            with suppress(GdprError):  # what cannot be looked at is condemned later
                job.condemn(self._clock.now(), ended=False, unwatched=True)

    def found(self, recording: str) -> Found:
        """What can be known of a recording that another life of this process began."""
        job = self._jobs.get(recording)
        return job.found() if job else Found()
