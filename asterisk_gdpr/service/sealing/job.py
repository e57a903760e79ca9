"""One recording that is being sealed: what of it has grown, what is appended, what is committed.

A job appends and never commits: `service.sealing.sealing` commits for many jobs in one transaction and
then tells each. What was appended and not committed stays `pending` and is committed at the next try, never
appended again: the register may have taken a commit that it could not confirm, and the container must hold
exactly those bytes.

Two locks, because the event loop may wait for the second only:
`hands` is held while the vault and the register are at work on a job, however slow they are;
`pen` while its notes are written, which is memory alone. `gone` is set under both.
"""

from __future__ import annotations

import contextlib
import copy
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from asterisk_gdpr.core.recording import Codec, Progress, Recording
from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Legs, Spool, Vault
from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.seal.derived import digest
from asterisk_gdpr.seal.manifest import Manifest, SegmentEntry
from asterisk_gdpr.seal.reader import Committed, verify
from asterisk_gdpr.seal.segments import seal_peaks
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.sealing.audio import encode_as
from asterisk_gdpr.service.sealing.notes import Notes
from asterisk_gdpr.service.sealing.peaks import Peaks
from asterisk_gdpr.service.sealing.vouching import SAMPLE, Vouched

SEGMENT_SECONDS = 5

WHOLE = 3.0
"""Seconds after the end of a stretch in which Asterisk may still write what it held back of it."""

PATIENCE = 3.5
"""Seconds that an open capture may take to write anything: Asterisk writes two seconds of a leg at once."""

STEP = 0.5
"""Seconds of waiting that one look may count for: a process that stood still has not looked in between."""


@dataclass(frozen=True)
class Appended:
    """A segment that is in the container, on disk, and not committed yet."""

    writer: Writer
    entry: SegmentEntry
    progress: Progress


class Job(Vouched):
    """`progress` is what is committed; `legs` is None when the audio behind it is gone.

    `manifest` is the SHA-256 of the manifest, in hexadecimal, once it is appended.
    """

    def __init__(
        self,
        recording: Recording,
        legs: Legs | None,
        key: bytes,
        progress: Progress,
        notes: Notes,
        *,
        vault: Vault,
        spool: Spool,
        vault_key: str,
    ) -> None:
        """`progress` with segments in it is that of an earlier life: its container is read and proven first.

        `vault_key` is the id of the vault key that the data key was wrapped to.
        """
        self.recording = recording
        self.legs = legs
        self.progress = progress
        self.pending: Appended | None = None
        self.closing: Progress | None = None
        self.manifest = ""
        self.hands = threading.Lock()
        self.pen = threading.Lock()
        self.gone = False
        self._notes = notes
        self._notes_kept = False
        self._key = key
        self._vault = vault
        self._spool = spool
        self._vault_key = vault_key
        self._writer: Writer | None = None
        self._entries: list[SegmentEntry] | None = None if progress.size else []
        self._looked_at: datetime | None = None
        self._waited = 0.0
        self._following: list[tuple[int, Legs]] = []
        self._followed_at = 0.0
        self.ending = False
        self._last = progress.stretch
        self._open = False
        self._peaks = Peaks()
        self._grown = progress.frames

    # --- the audio; with `hands` held ---------------------------------------------------------

    @property
    def segment_bytes(self) -> int:
        """Bytes of each leg in a full segment."""
        return self.recording.rate * SEGMENT_SECONDS * SAMPLE

    @property
    def vanished(self) -> bool:
        """Whether a leg is gone that should be there."""
        return self.legs is not None and self._spool.length(self.legs) is None

    @property
    def due(self) -> bool:
        """Whether both legs have grown by a full segment that may be sealed, or a stretch has ended."""
        if self.legs is None:
            return False
        return bool(self._following) or self._sealable() >= self.segment_bytes

    def _sealable(self) -> int:
        """Bytes of each leg of this stretch that wait to be sealed, and may be."""
        assert self.legs is not None
        with self.pen:
            limit = self._notes.limit(self.progress.stretch)
        length = self._spool.length(self.legs) or 0
        if limit is not None:
            length = min(length, limit)
        return length - self.progress.consumed

    @property
    def behind(self) -> bool:
        """Whether two full segments wait, so that there is no time for a codec that takes any."""
        return self._sealable() >= 2 * self.segment_bytes

    @property
    def leisurely(self) -> bool:
        """Whether sealing the next segment takes long, and may wait for a moment."""
        return self.recording.codec is Codec.OPUS and not self._following and not self.behind

    def take(self) -> bool:
        """Seal and append the next piece, at most one segment long; False when there is nothing.

        Legs of unequal length are evened out with silence, so a leg may be behind only when both have ended.
        What nobody vouches for yet waits; what nobody could vouch for is silence.
        """
        if self.legs is None or self.closing is not None:
            return False
        left, right = self._piece()
        while not left and self._following and (self.ending or time.monotonic() - self._followed_at >= WHOLE):
            self._next_stretch()
            left, right = self._piece()
        if not left:
            return False
        length, consumed, rate = len(left), self.progress.consumed, self.recording.rate
        codec = Codec.FLAC if self.behind else self.recording.codec
        encoded = encode_as(codec, left, right, rate)
        data, writer = self._begun()
        segment, writer, entry = writer.segment(length // SAMPLE, *encoded)
        self._vault.append(self.recording.id, self.progress.size, data + segment)
        self._peaks.add(left, right)
        self.pending = Appended(writer, entry, self._after(writer, consumed + length))
        return True

    def _piece(self) -> tuple[bytes, bytes]:
        """What of the stretch may be sealed now, both legs equally long."""
        assert self.legs is not None
        stretch, consumed = self.progress.stretch, self.progress.consumed
        with self.pen:
            limit = self._notes.limit(stretch)
        most = self.segment_bytes if limit is None else min(self.segment_bytes, max(0, limit - consumed))
        legs = self._spool.read(self.legs, consumed, most)
        length = max(map(len, legs))
        length -= length % SAMPLE
        with self.pen:
            masked = [self._notes.masked(stretch, consumed, leg[:length]) for leg in legs]
        left, right = (leg.ljust(length, b"\0") for leg in masked)
        return left, right

    def _next_stretch(self) -> None:
        """All of a stretch that has ended is sealed: go on with the one after it."""
        with self.pen:
            number, self.legs = self._following.pop(0)
            self.progress = replace(self.progress, stretch=number, consumed=0)

    @property
    def whole(self) -> bool:
        """Whether Asterisk writes no more to any stretch that is not sealed yet."""
        with self.pen:
            unsealed = [self.legs, *(legs for _, legs in self._following)]
        return all(self._spool.is_whole(legs) for legs in unsealed if legs is not None)

    def lost(self) -> None:
        """The legs are gone; what a later stretch holds is sealed all the same."""
        with self.pen:
            self.legs = None
            if self._following:
                number, self.legs = self._following.pop(0)
                self.progress = replace(self.progress, stretch=number, consumed=0)

    def committed(self) -> None:
        """What was pending is in the register: the memory behind it is given back."""
        assert self.pending is not None and self._entries is not None
        self._writer, self.progress = self.pending.writer, self.pending.progress
        self._entries.append(self.pending.entry)
        self.pending = None
        if self.legs is not None:
            with contextlib.suppress(GdprError):  # the next one gives back from the front again
                self._spool.release(self.legs, self.progress.consumed)

    def close(
        self, describe: Callable[[list[SegmentEntry]], Manifest], key: SigningKey, at: datetime
    ) -> Progress:
        """Append the manifest and the signed end, once; returns how far that is, to be committed."""
        if self.closing is None:
            data, writer = self._begun()
            assert self._entries is not None
            manifest = describe(self._entries)
            self.manifest = digest(manifest)
            end, writer = writer.finish(manifest, key, ended_at=to_text(at))
            self._vault.append(self.recording.id, self.progress.size, data + end)
            self.closing = self._after(writer, self.progress.consumed)
        return self.closing

    def sealed_peaks(self) -> bytes:
        """The waveform, sealed as the sound is; nothing where an earlier life has sealed some of it."""
        if self._peaks.frames != self.progress.frames:
            return b""
        return seal_peaks(self._key, self.recording.id, self.progress.generation, self._peaks.to_bytes())

    def prove(self) -> None:
        """Read what an earlier life committed, and go on behind it; a torn append is left to be cut.

        Raises Damaged when the container does not hold it, Unreachable when it cannot be read now.
        """
        if self._entries is not None:
            return
        name, old = self.recording.id, self.progress

        def read(offset: int, length: int) -> bytes:
            return self._vault.read(name, offset, length)

        size = self._vault.size(name) or 0
        verdict = verify(read, size, [], committed=Committed(old.size, old.chain))
        self._writer = Writer.resume(
            name,
            size=old.size,
            chain=old.chain,
            segments=old.segments,
            generation=self.progress.generation - 1,  # the last one that the container may know
            frames=old.frames,
        )
        self._entries = list(verdict.segments)

    def _begun(self) -> tuple[bytes, Writer]:
        """What must stand in front of this generation's first segment, and the writer after it."""
        self.prove()
        data, writer = b"", self._writer
        if writer is None:
            row = self.recording
            data, writer = Writer.start(
                Header(row.id, to_text(row.created_at), row.rate, self._vault_key, codec=row.codec.value)
            )
        if writer.generation < self.progress.generation:
            generation, writer = writer.begin_generation(self.progress.generation, self._key)
            data += generation
        return data, writer

    def _after(self, writer: Writer, consumed: int) -> Progress:
        return replace(
            self.progress,
            size=writer.size,
            chain=writer.chain,
            segments=writer.segments,
            consumed=consumed,
            frames=writer.frames,
        )

    # --- the notes; `pen` is taken here -------------------------------------------------------

    def note(self, what: Callable[[Notes], object]) -> None:
        """Note something; a job that is gone notes nothing, for its spool is unlinked."""
        with self.pen:
            if not self.gone:
                what(self._notes)
                self._keep()

    def begin_stretch(self, number: int, legs: Legs) -> None:
        """MixMonitor writes to other legs from now on; what it wrote before is whole."""
        with self.pen:
            self._last = number
            self._followed_at = time.monotonic()
            if self.legs is None:  # those of the stretch before are gone
                self.legs, self.progress = legs, replace(self.progress, stretch=number, consumed=0)
            else:
                self._following.append((number, legs))

    @property
    def last_stretch(self) -> int:
        """The number of the newest stretch."""
        return self._last

    def look(self, now: datetime) -> None:
        """See how far the legs have grown, for the map of time."""
        with self.pen:
            if self.gone or self.legs is None:
                return
            frame = self._frame_now()
            self._wait(now, grown=frame > self._grown)
            if frame > self._grown:
                self._grown = frame
                if self._notes.grown(frame, now):
                    self._notes_kept = False
            if not self._notes_kept:
                self._keep()

    def _wait(self, now: datetime, *, grown: bool) -> None:
        """How long a capture has been open without anything being written."""
        since = (now - self._looked_at).total_seconds() if self._looked_at else 0.0
        self._looked_at = now
        self._waited = self._waited + max(0.0, min(since, STEP)) if self._notes.open and not grown else 0.0

    @property
    def writes_nothing(self) -> bool:
        """Whether a capture has been open for so long that something of it must have been written."""
        return self._waited >= PATIENCE and not self.gone

    @property
    def began_at(self) -> datetime | None:
        """When the first frame was spoken, as far as it is noted."""
        with self.pen:
            return from_text(self._notes.points[0][1]) if self._notes.points else None

    def noted(self) -> Notes:
        """The notes as they are now."""
        with self.pen:
            return copy.deepcopy(self._notes)

    def _keep(self) -> None:
        """A full spool keeps nothing: then the notes are whole in memory, and the next look tries again."""
        try:
            self._spool.keep_notes(self.recording.id, self._notes.to_bytes())
            self._notes_kept = True
        except GdprError:
            self._notes_kept = False
