"""What tests hear: opened recordings, and whether anything of a call ever lay in spool or vault."""

from __future__ import annotations

import threading
from types import TracebackType

import numpy as np

from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, loud
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info
from asterisk_gdpr.seal.reader import open_segment_at, scan
from asterisk_gdpr.service.audio import decode
from asterisk_gdpr.service.vault_keys import open_private_keys
from tests.live.house import House


def private_key(house: House) -> VaultPrivateKey:
    """The vault's private key, as whoever knows the passphrase has it."""
    opened = open_private_keys(house.product.vault_documents(), house.passphrase)
    return opened.keys[house.product.vault_public_key().id]


def listen(house: House, recording: str) -> tuple[Samples, Samples]:
    """Both sides of a recording, opened with the private key and the register's wrapped keys."""
    vault, private = house.vault, private_key(house)

    def read(offset: int, length: int) -> bytes:
        data: bytes = vault.read(recording, offset, length)
        return data

    found = scan(read, vault.size(recording))
    keys = {
        key.generation: private.unwrap(key.wrapped, data_key_info(recording, key.generation))
        for key in house.register.keys(recording)
    }
    frames = b"".join(
        decode(open_segment_at(read, found, place, keys[place.generation]))[0] for place in found.segments
    )
    both = np.frombuffer(frames, "<i2").reshape(-1, 2)
    return both[:, 0], both[:, 1]


def is_mute(samples: Samples) -> bool:
    """Nothing at all is to be heard."""
    return not loud(samples)


def overlap(call: PhoneCall, agent: PhoneCall) -> float:
    """For how long caller and agent were talking, in seconds."""
    assert agent.answered_at and agent.ended_at and call.ended_at
    return min(call.ended_at, agent.ended_at) - agent.answered_at


class Watcher:
    """Looks into spool and vault a hundred times a second; `seen` are the recordings that lay there."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._over = threading.Event()
        self._before = self._lying()
        self.seen: set[str] = set()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self.seen |= self._lying() - self._before

    def _lying(self) -> set[str]:
        spooled = {path.name.partition(".")[0] for path in self._house.spool_folder.iterdir()}
        return spooled | set(self._house.vault.names())
