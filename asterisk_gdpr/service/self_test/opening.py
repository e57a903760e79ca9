"""Opening what a self-test recorded, after the ledger has it; never a recording of anybody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, LedgerBook, RecordingBook, Vault
from asterisk_gdpr.service.keys.keeper import Keeper, VaultLocked
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH, Sound, survey
from asterisk_gdpr.service.sealing.audio import CHANNELS


class Book(RecordingBook, LedgerBook, Protocol):
    """What opening needs of the register."""


def opener(
    register: Book, vault: Vault, keeper: Keeper | None, clock: Clock, by: str
) -> Callable[[str], tuple[bytes, bytes]]:
    """Returns both channels of a recording as samples; raises Refused (`vault-locked`, `container-missing`).

    Without a keeper, as in the process beside the PBX, nothing ever opens.
    """

    def opened(recording: str) -> tuple[bytes, bytes]:
        if keeper is None or not keeper.unlocked:
            raise VaultLocked
        size = vault.size(recording)
        if size is None:
            raise Refused("The recording's container is not in the vault.", id="container-missing")
        read = partial(vault.read, recording)
        scanned = survey(read, size)
        numbers = sorted({place.generation for place in scanned.segments})
        keys = {number: keeper.data_key(recording, number) for number in numbers}
        register.record("self-test-opened", {"user": by, "recording": recording}, clock.now())
        sound = Sound(
            read,
            scanned,
            register.recording(recording).frames,
            data_keys=keys,
            damaged=lambda _span: None,  # a part that does not open plays as silence, and fails the test
        )
        frames = np.frombuffer(sound.read(0, sound.size), "<i2", offset=HEADER_LENGTH).reshape(-1, CHANNELS)
        return frames[:, 0].tobytes(), frames[:, 1].tobytes()

    return opened
