"""Sealing while the call goes on: legs in memory become sealed segments in a container.

The order, for every recording and every few seconds (design, *order of capture*):

    segment appended and fsynced → progress committed → memory behind it given back

so that a crash at any point leaves something that the next start can finish: a torn append is cut by the
next one, an append that was not committed is cut too, and audio that was not given back is taken again.
A restarted sealer has lost the data key, which lives only in memory and, wrapped, in the register:
it begins a new generation with a new one.

What cannot be sealed now waits in the spool. What is gone from the spool unsealed is an alarm and a gap in
the manifest, the alarm committed first: every captured second ends as sealed, as erased, or as an alarm.

All methods block and are safe to call from several threads; one recording is handled by one at a time.
`note` and `look` wait for memory only, never for the vault or the register.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import Progress, Recording, State, Term, WrappedKey, codec_for
from asterisk_gdpr.errors import Damaged, GdprError, Refused, Unreachable
from asterisk_gdpr.ports import Clock, Legs, RecordingBook, Spool, Upkeep, Vault
from asterisk_gdpr.seal.keys import VaultPublicKey, data_key_info, new_data_key
from asterisk_gdpr.seal.manifest import Manifest, SegmentEntry
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.sealing.alarms import LEAST_ROOM, SPOOL_FULL, SealingAlarms
from asterisk_gdpr.service.sealing.job import WHOLE, Job
from asterisk_gdpr.service.sealing.notes import Notes
from asterisk_gdpr.service.sealing.standstill import Standstill
from asterisk_gdpr.service.sealing.vouching import Vouching

log = logging.getLogger(__name__)

LOOK_AGAIN = 0.02
"""Seconds between two looks whether Asterisk has written everything."""

LEISURE = 0.25
"""Seconds of one look at all recordings after which a codec that takes time waits for the next look.

A withdrawal waits for as long, at most, and one segment more.
"""

LOST = "audio-lost"
NOT_CLOSED = "recording-not-closed"

Describe = Callable[[Recording, Notes, list[SegmentEntry]], Manifest]
"""Puts the manifest together from what the register knows of the call, and from the notes."""


class Book(RecordingBook, Upkeep, Protocol):
    """What the sealer needs of the register."""


class Sealing(Vouching):
    """The sealer of one node."""

    def __init__(
        self,
        register: Book,
        vault: Vault,
        spool: Spool,
        public_key: VaultPublicKey,
        signing_key: SigningKey,
        describe: Describe,
        clock: Clock,
        node: str,
        standstill: Standstill | None = None,
    ) -> None:
        """A `standstill` says why nothing new is recorded, if so."""
        self._register = register
        self._vault = vault
        self._spool = spool
        self._public_key = public_key
        self._signing_key = signing_key
        self._describe = describe
        self._clock = clock
        self._node = node
        self._jobs: dict[str, Job] = {}
        self._alarms = Alarms(register, clock)
        self._told = SealingAlarms(self._alarms, spool, node)
        self._standstill = standstill or Standstill(self._alarms)

    def use(self, public_key: VaultPublicKey) -> None:
        """Seal to this key from now on: a new epoch has begun."""
        self._public_key = public_key

    # --- a recording begins -------------------------------------------------------------------

    def prepare(
        self, recording: str, call: str, line: str, policy: Policy, purposes: Iterable[str], rate: int
    ) -> Legs:
        """Make the legs and commit a fresh data key for these purposes; nothing is captured yet.

        `rate` is how many samples a second each leg has, for as long as the recording lives.
        Raises Refused (id `spool-full`, or that of a standstill) or Unreachable; then there is neither a
        recording nor a leg of it.
        """
        self._standstill.check()
        if self._spool.room() < LEAST_ROOM:
            raise Refused("The spool is nearly full: nothing new is recorded.", id=SPOOL_FULL)
        now = self._clock.now()
        chosen = [policy.purposes[name] for name in sorted(purposes)]
        row = Recording(recording, call, line, State.PREPARED, policy.version, self._node, rate, now)
        row = replace(row, codec=codec_for(chosen))
        key = new_data_key()
        progress = Progress(recording, 0, b"", 0, generation=1, stretch=1, consumed=0, frames=0)
        terms = [Term(recording, p.name, p.basis, p.keep) for p in chosen]
        legs = self._spool.prepare(recording, progress.stretch, rate)
        try:
            self._register.add_recording(row, self._wrap(recording, 1, key), terms, progress)
        except GdprError:
            self._spool.remove(recording)
            raise
        self._jobs[recording] = self._job(row, legs, key, progress, Notes(call, rate))
        return legs

    def begin_stretch(self, recording: str) -> tuple[int, Legs]:
        """Make the legs of another stretch; what MixMonitor wrote before is whole by now.

        Raises Refused or Unreachable; then the recording goes on as it is.
        """
        job = self._jobs.get(recording)
        if job is None:
            raise Refused("This recording is not being sealed.", id="not-growing")
        number = job.last_stretch + 1
        legs = self._spool.prepare(recording, number, job.recording.rate)
        job.begin_stretch(number, legs)
        return number, legs

    # --- a start ------------------------------------------------------------------------------

    def resume(self, row: Recording) -> None:
        """Take up a recording that another life of this process began.

        Legs that are gone (after a power cut the spool is empty) are an alarm, and a gap in the manifest.
        Raises Damaged when the container does not hold what was committed; a vault that is away is waited
        for by `tick` and `close`.
        """
        old = self._register.progress(row.id)
        progress = replace(old, generation=old.generation + 1)
        lying = dict(self._spool.find(row.id))
        legs = lying.pop(old.stretch, None)
        key = new_data_key()
        job = self._job(row, legs, key, progress, self._notes_of(row, old))
        for number in sorted(lying):
            if number > old.stretch:
                job.begin_stretch(number, lying[number])
        try:
            job.prove()
        except Unreachable as error:
            log.warning("recording %s: its container is read later: %s", row.id, error.id)
        self._register.add_key(self._wrap(row.id, progress.generation, key), progress)
        if legs is None or job.vanished:
            self._lose(job)
        self._jobs[row.id] = job

    def tidy(self) -> None:
        """After the last `resume`: unlink what a crash left in the spool of recordings that need it no more.

        Those are the closed and the erased ones, and legs that were made for a recording that was never
        registered; audio of such a one has no key to be sealed with, and is an alarm.
        """
        for recording in self._spool.recordings():
            if recording not in self._jobs and not self._needed(recording):
                self._spool.remove(recording)

    def _needed(self, recording: str) -> bool:
        """Whether something is still to be done with the legs: a sealer or an eraser comes for them."""
        try:
            return self._register.recording(recording).state not in (State.SEALED, State.ERASED)
        except Refused:
            if any(self._spool.length(legs) for _, legs in self._spool.find(recording)):
                self._alarm(LOST, recording, "Audio lay in the spool of a recording that nobody knows.")
            return False

    def _notes_of(self, row: Recording, old: Progress) -> Notes:
        """Those beside the legs; what the register knows, when they are gone or broken."""
        if noted := self._spool.notes(row.id):
            try:
                return Notes.from_bytes(noted)
            except Damaged as error:
                log.error("recording %s: its notes are made anew: %s", row.id, error.id)
        notes = Notes.rebuilt(row, old, row.started_at or row.created_at, self._clock.now())
        notes.seen = [old.stretch, old.consumed]  # who was there is not known any more
        return notes

    # --- while it grows -----------------------------------------------------------------------

    def note(self, recording: str, what: Callable[[Notes], object]) -> None:
        """Note something for the manifest; a recording that is not being sealed has none."""
        if job := self._jobs.get(recording):
            job.note(what)

    # --- what is known of the call (memory alone) ---------------------------------------------

    def withdrawing(self, recording: str, purposes: Iterable[str], reason: str, grace: float) -> None:
        """Note a withdrawal before the register has it: a killed process must not forget it."""
        word = [sorted(purposes), reason, grace]
        self.note(recording, lambda notes: notes.withdrawn.append(word))

    def withdrawals(self, recording: str) -> list[tuple[list[str], str, float]]:
        """What is noted of them in the spool, whether or not the register has it."""
        noted = self._spool.notes(recording)
        if noted is None:
            return []
        try:
            words = Notes.from_bytes(noted).withdrawn
        except Damaged:
            return []  # `resume` tells of it
        return [(purposes, reason, grace) for purposes, reason, grace in words]

    def holds(self, recording: str) -> bool:
        """Whether this recording is being sealed."""
        return recording in self._jobs

    def look(self) -> None:
        """See how far the legs have grown, for the map of time; to be called several times a second."""
        for job in list(self._jobs.values()):
            try:
                job.look(self._clock.now())
            except GdprError as error:  # `tick` meets it too, and tells
                log.debug("recording %s: its legs cannot be looked at: %s", job.recording.id, error.id)

    def tick(self) -> list[tuple[str, GdprError]]:
        """Seal what has grown by a segment; one transaction for all. Returns what could not be sealed now."""
        failed: list[tuple[str, GdprError]] = []
        taken: list[Job] = []
        until = time.monotonic() + LEISURE
        with ExitStack() as held:
            for job in list(self._jobs.values()):
                if not job.hands.acquire(blocking=False):
                    continue  # it is being closed or let go
                with ExitStack() as hands:
                    hands.callback(job.hands.release)
                    if self._take_some(job, failed, until):
                        taken.append(job)
                        held.enter_context(hands.pop_all())
            try:
                self._commit(taken)
            except GdprError as error:
                failed += [(job.recording.id, error) for job in taken]
        self._told.look(self._jobs, failed)
        return failed

    def _take_some(self, job: Job, failed: list[tuple[str, GdprError]], until: float) -> bool:
        """Whether there is something to commit of this job; what is wrong with it never keeps the others."""
        try:
            if job.gone:
                return False
            if job.vanished:
                self._lose(job)
            if job.pending is not None:
                return True
            if not job.due or (job.leisurely and time.monotonic() >= until):
                return False
            return job.take()
        except GdprError as error:
            failed.append((job.recording.id, error))
        except Exception as error:
            log.error("sealing %s", job.recording.id, exc_info=error)
            failed.append((job.recording.id, GdprError(f"A fault in the program: {type(error).__name__}.")))
        return False

    # --- its end ------------------------------------------------------------------------------

    def let_go(self, recording: str) -> None:
        """Seal no more of a recording; when this returns, nothing more will be appended to it."""
        if job := self._jobs.pop(recording, None):
            with job.hands, job.pen:
                job.gone = True

    def close(self, recording: str, ended_at: datetime) -> bool:
        """Seal the rest, sign the manifest and close the container.

        Returns False when nothing was ever captured: then there is no container, and it is to be abandoned.
        Raises Unreachable when the vault or the register is away: the audio stays in the spool, call again.
        What else keeps it open is an alarm, and raised.
        """
        job = self._jobs.get(recording)
        if job is None:
            return True  # it was let go
        with job.hands:
            try:
                return job.gone or self._close(job, ended_at)
            except Unreachable:
                raise
            except GdprError as error:
                self._alarm(NOT_CLOSED, recording, f"The recording cannot be closed: {error.message}")
                raise

    def _close(self, job: Job, ended_at: datetime) -> bool:
        recording = job.recording.id
        if job.vanished:
            self._lose(job)
        self._wait_until_whole(job)
        job.condemn(self._clock.now(), ended=True)
        job.ending = True
        while job.pending or job.take():
            self._commit([job])
        if job.progress.frames == 0:
            return False
        job.note(lambda notes: notes.end_stretch(ended_at))
        row = replace(job.recording, ended_at=ended_at, frames=job.progress.frames)
        closing = job.close(partial(self._describe, row, job.noted()), self._signing_key, ended_at)
        self._register.seal_recording(closing, ended_at, job.sealed_peaks(), job.manifest)
        self._alarms.over(NOT_CLOSED, recording)
        with contextlib.suppress(GdprError):  # it is whole; a crash here would leave it open as well
            self._vault.close(recording)
        with job.pen:
            self._spool.remove(recording)
            job.gone = True
        self._jobs.pop(recording, None)
        return True

    def _wait_until_whole(self, job: Job) -> None:
        """A stretch that was stopped just before the end may not be written yet; Asterisk has a moment."""
        until = time.monotonic() + WHOLE
        while not job.whole and time.monotonic() < until:
            time.sleep(LOOK_AGAIN)

    # --- inside -------------------------------------------------------------------------------

    def _commit(self, jobs: list[Job]) -> None:
        """Commit what is pending of these, and then give back their memory."""
        if jobs:
            now = self._clock.now()
            self._register.commit_progress(
                [(job.pending.progress, job.began_at or now) for job in jobs if job.pending]
            )
        for job in jobs:
            job.committed()

    def _lose(self, job: Job) -> None:
        """What was captured and not sealed is gone: an alarm first, and then a gap."""
        message = "The legs of this recording are gone: what was captured since its last segment is lost."
        self._alarm(LOST, job.recording.id, message)
        now = self._clock.now()
        job.note(lambda notes: notes.lost(job.progress.frames, now))
        job.lost()

    def _alarm(self, id: str, about: str, message: str) -> None:
        self._alarms.raise_(id, about, message)

    def _job(self, row: Recording, legs: Legs | None, key: bytes, progress: Progress, notes: Notes) -> Job:
        return Job(
            row,
            legs,
            key,
            progress,
            notes,
            vault=self._vault,
            spool=self._spool,
            vault_key=self._public_key.id,
        )

    def _wrap(self, recording: str, generation: int, key: bytes) -> WrappedKey:
        public_key = self._public_key
        wrapped = public_key.wrap(key, data_key_info(recording, generation))
        return WrappedKey(recording, generation, public_key.id, wrapped)
