"""A recording in a person's hands: opened whole, for who may take it.

An export is plaintext: who took it, and why, is in the ledger before the first byte leaves the vault.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import soundfile

from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.core.rights import Handover
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import (
    Clock,
    ErasureBook,
    Found,
    HoldBook,
    LedgerBook,
    RecordingBook,
    RightsBook,
    Vault,
)
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.listening.playback import Listening, living_purposes
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH, Sound, Span, survey
from asterisk_gdpr.service.sealing.audio import CHANNELS


class Book(RecordingBook, ErasureBook, HoldBook, RightsBook, LedgerBook, Protocol):
    """What exporting and verifying need of the register."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make several calls one transaction."""
        ...


@dataclass(frozen=True)
class Exported:
    """A recording as a WAV file; `silent` are the parts that are missing or damaged and play as silence."""

    wav: bytes
    rate: int
    silent: tuple[Span, ...]

    def flac(self) -> bytes:
        """The same as a FLAC file."""
        frames = np.frombuffer(self.wav, "<i2", offset=HEADER_LENGTH).reshape(-1, CHANNELS)
        stream = io.BytesIO()
        soundfile.write(stream, frames, self.rate, format="FLAC", subtype="PCM_16")
        return stream.getvalue()


class Exports:
    """Takes recordings out of the vault."""

    def __init__(
        self, register: Book, vault: Vault, keeper: Keeper, listening: Listening, clock: Clock
    ) -> None:
        self._register = register
        self._vault = vault
        self._keeper = keeper
        self._listening = listening
        self._clock = clock

    def check(self, recording: str, hold: str = "") -> Found:
        """The recording, if it may be taken out now, for a purpose or for the case of a hold.

        Raises Refused: `unknown-recording`, `erased`, `restricted`, `not-sealed`, `purpose-ended`,
        `not-held`.
        """
        found = self._register.found(recording)
        if hold:
            if hold not in {each.id for each in self._register.holds_of(recording)}:
                raise Refused(f"No hold {hold} stands over this recording.", id="not-held")
            self._listening.check_kept(found)
            return found
        self._listening.check_openable(found)
        if not living_purposes(found.terms, self._clock.now()):
            raise Refused("No purpose of this recording lives any more.", id="purpose-ended")
        return found

    def check_for_subject(self, recording: str) -> Found:
        """The recording, if its data subject may be given a copy (Art. 15): whatever is kept, and closed.

        A restriction and an ended purpose shut out everybody else. Raises Refused: `unknown-recording`,
        `erased`, `not-sealed`.
        """
        found = self._register.found(recording)
        if not self._register.keys(recording):
            raise Refused("This recording has been erased.", id="erased")
        self._listening.check_kept(found)
        return found

    def take_for_subject(self, recording: str, by: str, request: str) -> Exported:
        """Open a whole recording for the person whose it is, after the ledger has it."""
        found = self.check_for_subject(recording)
        told = {"user": by, "recording": recording, "request": request}
        return self._opened(found, lambda: self._register.record("given", told, self._clock.now()))

    def take_for_agent(self, recording: str, by: str, agent: str) -> Exported:
        """The same for somebody who took calls and was in it; of the caller's side they are given nothing."""
        found = self.check_for_subject(recording)
        told = {"user": by, "recording": recording, "agent": agent}
        return self._opened(found, lambda: self._register.record("given", told, self._clock.now()))

    def take(
        self, recording: str, by: str, reason: Occasion, hold: str = "", *, recipient: str = ""
    ) -> Exported:
        """Open the whole recording, after the ledger has it; raises Refused as `check`, or `vault-locked`.

        `recipient` is who is given the copy, who must be told of what becomes of the original (Art. 19).
        """
        found = self.check(recording, hold)
        told = {"user": by, "recording": recording, "reason": reason.value}
        if hold:
            told["hold"] = hold

        def tell() -> None:
            now = self._clock.now()
            with self._register.transaction():
                self._register.record("exported", told, now)
                self._register.add_handover(Handover(new_id("o"), recording, now, by, recipient, reason))

        return self._opened(found, tell)

    def _opened(self, found: Found, tell: Callable[[], object]) -> Exported:
        """The whole recording, after `tell` has told the ledger."""
        recording = found.recording.id
        read = partial(self._vault.read, recording)
        size = self._vault.size(recording)
        if size is None:
            raise Refused("The recording's container is not in the vault.", id="container-missing")
        scanned = survey(read, size)
        generations = sorted({place.generation for place in scanned.segments})
        silent: list[Span] = []
        sound = Sound(
            read,
            scanned,
            found.recording.frames,
            data_keys={number: self._keeper.data_key(recording, number) for number in generations},
            damaged=silent.append,
        )
        tell()
        wav = sound.read(0, sound.size)
        return Exported(wav, scanned.header.rate, (*sound.missing, *silent))
