"""The waveform of a recording, for the eye: peaks of both sides, opened for who may hear the recording.

They were sealed with it (`service.sealing.peaks`), under the same key. What has none, since it was made of
another recording, sealed over a restart, or by an earlier release, is drawn of its opened audio and kept in
memory.
The ledger is told before either. Who may hear the recording may see them, and nobody else.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from asterisk_gdpr.core.recording import Recording
from asterisk_gdpr.errors import Damaged
from asterisk_gdpr.ports import Clock, LedgerBook, RecordingBook
from asterisk_gdpr.seal.errors import CannotOpen
from asterisk_gdpr.seal.segments import open_peaks
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.listening.playback import Listener, Listening, Review
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH, Sound
from asterisk_gdpr.service.sealing.audio import BYTES_PER_FRAME, CHANNELS
from asterisk_gdpr.service.sealing.peaks import drawn_from

log = logging.getLogger(__name__)

POINTS = 900
"""So many peaks of each side: about one for each pixel of a wide screen."""

_KEPT = 64
"""So many recordings' peaks are kept, about 2 kB each."""

_FULL = 32767
_PIECE = 1 << 20


@dataclass(frozen=True)
class Waveform:
    """The loudest sample of each part, 0 to 100, of the caller and of the others."""

    seconds: float
    left: tuple[int, ...]
    right: tuple[int, ...]


class Book(LedgerBook, RecordingBook, Protocol):
    """What waveforms need of the register."""


class Waveforms:
    """Draws recordings for people who may hear them."""

    def __init__(self, register: Book, listening: Listening, keeper: Keeper, clock: Clock) -> None:
        self._register = register
        self._listening = listening
        self._keeper = keeper
        self._clock = clock
        self._kept: OrderedDict[str, Waveform] = OrderedDict()
        self._lock = threading.Lock()
        # An hour of audio is a second of work: one at a time, beside the calls.
        self._one = threading.Lock()

    def of(self, recording: str, listener: Listener, review: Review) -> Waveform:
        """Return the peaks; raises Refused as `Listening.open` does, whether or not they are kept."""
        found = self._listening.check(recording, listener, review).recording
        told = {
            "user": listener.name,
            "recording": recording,
            "purpose": review.purpose,
            "reason": review.reason.value,
        }
        self._register.record("waveform-drawn", told, self._clock.now())
        if drawn := self._sealed(found):
            return drawn
        with self._one:
            with self._lock:
                if recording in self._kept:
                    self._kept.move_to_end(recording)
                    return self._kept[recording]
            drawn = draw(self._listening.view(recording, listener, review))
            with self._lock:
                self._kept[recording] = drawn
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return drawn

    def _sealed(self, recording: Recording) -> Waveform | None:
        """What was sealed with it; None if nothing was, or if it does not open."""
        kept = self._register.peaks(recording.id)
        if kept is None:
            return None
        generation, sealed = kept
        key = self._keeper.data_key(recording.id, generation)
        try:
            drawn = drawn_from(open_peaks(key, recording.id, generation, sealed))
        except (CannotOpen, Damaged) as problem:
            log.warning("recording %s: its waveform is drawn anew: %s", recording.id, problem.id)
            return None
        return Waveform(drawn.frames / recording.rate, drawn.left, drawn.right)


def draw(sound: Sound, points: int = POINTS) -> Waveform:
    """Return the peaks of a sound, read through once from its beginning."""
    frames = (sound.size - HEADER_LENGTH) // BYTES_PER_FRAME
    peaks = np.zeros((points, CHANNELS), np.int32)
    for offset in range(HEADER_LENGTH, sound.size, _PIECE):
        piece = np.frombuffer(sound.read(offset, _PIECE), "<i2").reshape(-1, CHANNELS)
        first = (offset - HEADER_LENGTH) // BYTES_PER_FRAME
        places = (np.arange(first, first + len(piece)) * points // max(frames, 1)).clip(0, points - 1)
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        if len(starts):
            loudest = np.maximum.reduceat(np.abs(piece.astype(np.int32)), starts)
            np.maximum(peaks[places[starts]], loudest, out=loudest)
            peaks[places[starts]] = loudest
    shares = (peaks * 100 // _FULL).clip(0, 100)
    return Waveform(sound.seconds, tuple(shares[:, 0].tolist()), tuple(shares[:, 1].tolist()))
