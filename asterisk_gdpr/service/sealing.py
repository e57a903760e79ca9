"""Sealing while the call goes on: legs in memory become sealed segments in a container.

The order, for every recording and every few seconds (design, *order of capture*):

    segment appended and fsynced → progress committed → memory behind it given back

so that a crash at any point leaves something that the next start can finish: a torn append is cut by the
next one, an append that was not committed is cut too, and audio that was not given back is taken again.
A restarted sealer has lost the data key, which lives only in memory and, wrapped, in the register:
it begins a new generation with a new one.

All methods block and are safe to call from several threads; one recording is handled by one at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import Progress, Recording, State, Term, WrappedKey
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Damaged, GdprError, Refused, Unreachable
from asterisk_gdpr.ports import Clock, Legs, RecordingBook, Spool, Vault
from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.seal.keys import VaultPublicKey, data_key_info, new_data_key
from asterisk_gdpr.seal.manifest import Manifest, SegmentEntry
from asterisk_gdpr.seal.reader import Committed, verify
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.audio import encode
from asterisk_gdpr.service.notes import Notes

RATE = 8000
"""Samples a second of each leg."""

SAMPLE = 2
"""Bytes of one sample of one leg."""

SEGMENT_SECONDS = 5
LEAST_ROOM = 0.1
"""Below this share of free spool no new recording is begun: running ones must be able to finish."""

Describe = Callable[[Recording, Notes, list[SegmentEntry]], Manifest]
"""Puts the manifest together from what the register knows of the call, and from the notes."""


@dataclass
class _Job:
    """One recording that is being sealed; `legs` are those of the current stretch."""

    recording: Recording
    legs: Legs
    key: bytes
    writer: Writer | None
    progress: Progress
    notes: Notes
    entries: list[SegmentEntry] = field(default_factory=list)
    begun: bool = False
    seen: int = 0
    hands: threading.Lock = field(default_factory=threading.Lock)
    gone: bool = False


@dataclass(frozen=True)
class _Taken:
    """An append that is on disk and not committed yet."""

    job: _Job
    writer: Writer
    entry: SegmentEntry
    progress: Progress


class Sealing:
    """The sealer of one node."""

    def __init__(
        self,
        register: RecordingBook,
        vault: Vault,
        spool: Spool,
        public_key: VaultPublicKey,
        signing_key: SigningKey,
        describe: Describe,
        clock: Clock,
        node: str,
    ) -> None:
        self._register = register
        self._vault = vault
        self._spool = spool
        self._public_key = public_key
        self._signing_key = signing_key
        self._describe = describe
        self._clock = clock
        self._node = node
        self._jobs: dict[str, _Job] = {}

    def prepare(self, recording: str, call: str, line: str, policy: Policy, purposes: Iterable[str]) -> Legs:
        """Commit a fresh data key for these purposes and make the legs; nothing is captured yet.

        Raises Refused (id `spool-full`) or Unreachable; then there is nothing that could be opened.
        """
        if self._spool.room() < LEAST_ROOM:
            raise Refused("The spool is nearly full: nothing new is recorded.", id="spool-full")
        now = self._clock.now()
        row = Recording(recording, call, line, State.PREPARED, policy.version, self._node, RATE, now)
        key = new_data_key()
        progress = Progress(recording, 0, b"", 0, generation=1, stretch=1, consumed=0, frames=0)
        chosen = [policy.purposes[name] for name in sorted(purposes)]
        terms = [Term(recording, p.name, p.basis, p.keep) for p in chosen]
        self._register.add_recording(row, self._wrap(recording, 1, key), terms, progress)
        legs = self._spool.prepare(recording, 1)
        notes = Notes(call, RATE)
        self._jobs[recording] = _Job(row, legs, key, None, progress, notes)
        self._keep_notes(self._jobs[recording])
        return legs

    def resume(self, row: Recording) -> None:
        """Take up a recording that another life of this process began.

        Raises Damaged when the container does not hold what was committed.
        """
        old = self._register.progress(row.id)
        entries = self._committed(row.id, old)
        key = new_data_key()
        progress = replace(old, generation=old.generation + 1)
        self._register.add_key(self._wrap(row.id, progress.generation, key), progress)
        stretches = dict(self._spool.find(row.id))
        legs = stretches.get(old.stretch) or Legs("", "")
        noted = self._spool.notes(row.id)
        notes = Notes.from_bytes(noted) if noted else Notes(row.call, row.rate)
        job = _Job(row, legs, key, self._resumed(row.id, old), progress, notes, entries)
        job.seen = old.consumed
        self._jobs[row.id] = job

    def note(self, recording: str, what: Callable[[Notes], None]) -> None:
        """Note something for the manifest; a recording that is not being sealed has none."""
        if job := self._jobs.get(recording):
            with job.hands:
                what(job.notes)
                self._keep_notes(job)

    def holds(self, recording: str) -> bool:
        """Whether this recording is being sealed."""
        return recording in self._jobs

    def look(self) -> None:
        """See how far the legs have grown, for the map of time; to be called several times a second."""
        for job in list(self._jobs.values()):
            with job.hands:
                if job.legs.left and not job.gone:
                    self._look(job)

    def tick(self) -> list[tuple[str, GdprError]]:
        """Seal what has grown by a segment; one transaction for all. Returns what could not be sealed now."""
        taken: list[_Taken] = []
        failed: list[tuple[str, GdprError]] = []
        held: list[_Job] = []
        try:
            for job in list(self._jobs.values()):
                if not job.hands.acquire(blocking=False):
                    continue
                held.append(job)
                try:
                    if not job.gone and self._waiting(job) >= RATE * SEGMENT_SECONDS * SAMPLE:
                        taken.append(self._take(job))
                except (Unreachable, Damaged, Refused) as error:
                    failed.append((job.recording.id, error))
            self._commit(taken)
        finally:
            for job in held:
                job.hands.release()
        return failed

    def let_go(self, recording: str) -> None:
        """Seal no more of a recording; when this returns, nothing more will be appended to it."""
        if job := self._jobs.pop(recording, None):
            with job.hands:
                job.gone = True

    def close(self, recording: str, ended_at: datetime) -> bool:
        """Seal the rest, sign the manifest and close the container.

        Returns False when nothing was ever captured: then there is no container, and it is to be abandoned.
        Raises Unreachable when the vault or the register is away: the audio stays in the spool, call again.
        """
        job = self._jobs[recording]
        with job.hands:
            if job.gone:
                return True
            while (waiting := self._waiting(job)) >= SAMPLE:
                self._commit([self._take(job, at_most=waiting)])
            if job.progress.frames == 0:
                return False
            job.notes.end_stretch(ended_at)
            self._finish(job, ended_at)
            self._spool.remove(recording)
            job.gone = True
        del self._jobs[recording]
        return True

    def _finish(self, job: _Job, ended_at: datetime) -> None:
        row = replace(job.recording, ended_at=ended_at, frames=job.progress.frames)
        data, writer = self._begun(job)
        manifest = self._describe(row, job.notes, job.entries)
        closing, writer = writer.finish(manifest, self._signing_key, ended_at=to_text(ended_at))
        self._vault.append(row.id, job.progress.size, data + closing)
        self._register.seal_recording(self._after(job, writer, job.progress.consumed), ended_at)

    def _waiting(self, job: _Job) -> int:
        """Bytes of each leg that are there and not sealed."""
        if not job.legs.left:
            return 0
        waiting = self._spool.length(job.legs) - job.progress.consumed
        return waiting - waiting % SAMPLE

    def _take(self, job: _Job, at_most: int = RATE * SEGMENT_SECONDS * SAMPLE) -> _Taken:
        """Seal the next piece and append it; it is on disk when this returns, and not yet committed."""
        consumed = job.progress.consumed
        length = min(at_most, RATE * SEGMENT_SECONDS * SAMPLE)
        left, right = self._spool.read(job.legs, consumed, length)
        data, writer = self._begun(job)
        segment, writer, entry = writer.segment(len(left) // SAMPLE, encode(left, right, RATE))
        self._vault.append(job.recording.id, job.progress.size, data + segment)
        return _Taken(job, writer, entry, self._after(job, writer, consumed + len(left)))

    def _begun(self, job: _Job) -> tuple[bytes, Writer]:
        """What must stand in front of this generation's first segment, and the writer after it."""
        data = b""
        writer = job.writer
        if writer is None:
            row = job.recording
            header = Header(row.id, to_text(row.created_at), row.rate, self._public_key.id)
            data, writer = Writer.start(header)
        if not job.begun:
            generation, writer = writer.begin_generation(job.progress.generation, job.key)
            data += generation
        return data, writer

    def _commit(self, taken: list[_Taken]) -> None:
        if not taken:
            return
        now = self._clock.now()
        self._register.commit_progress([(one.progress, now) for one in taken])
        for one in taken:
            job = one.job
            job.writer, job.progress, job.begun = one.writer, one.progress, True
            job.entries.append(one.entry)
            self._spool.release(job.legs, one.progress.consumed)

    def _look(self, job: _Job) -> None:
        length = self._spool.length(job.legs)
        if length > job.seen:
            job.seen = length
            behind = (length - job.progress.consumed) // SAMPLE
            if job.notes.grown(job.progress.frames + behind, self._clock.now()):
                self._keep_notes(job)

    def _after(self, job: _Job, writer: Writer, consumed: int) -> Progress:
        return replace(
            job.progress,
            size=writer.size,
            chain=writer.chain,
            segments=writer.segments,
            consumed=consumed,
            frames=writer.frames,
        )

    def _committed(self, recording: str, old: Progress) -> list[SegmentEntry]:
        """The segments that lie in the container, proven by the committed chain."""
        if old.size == 0:
            return []

        def read(offset: int, length: int) -> bytes:
            return self._vault.read(recording, offset, length)

        committed = Committed(old.size, old.chain)
        return list(verify(read, self._vault.size(recording) or 0, [], committed=committed).segments)

    def _resumed(self, recording: str, old: Progress) -> Writer | None:
        if old.size == 0:
            return None
        return Writer.resume(
            recording,
            size=old.size,
            chain=old.chain,
            segments=old.segments,
            generation=old.generation,
            frames=old.frames,
        )

    def _wrap(self, recording: str, generation: int, key: bytes) -> WrappedKey:
        wrapped = self._public_key.wrap(key, data_key_info(recording, generation))
        return WrappedKey(recording, generation, self._public_key.id, wrapped)

    def _keep_notes(self, job: _Job) -> None:
        self._spool.keep_notes(job.recording.id, job.notes.to_bytes())
