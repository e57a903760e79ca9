"""What tests hear: opened recordings, and whether anything of a call ever lay in spool or vault."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from types import TracebackType

import numpy as np

from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, loud
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info
from asterisk_gdpr.seal.reader import open_segment_at, scan
from asterisk_gdpr.service.keys.vault_keys import open_private_keys
from asterisk_gdpr.service.sealing.audio import decode
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
        decode(open_segment_at(read, found, place, keys[place.generation]), found.header.codec)[0]
        for place in found.segments
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
    """Has the kernel note every file that is made in spool and vault, however short its life.

    `seen` are the recordings that they belonged to; those that were there before do not count.
    """

    def __init__(self, house: House) -> None:
        vault = house.installation / "state" / "vault"
        self._folders = [house.spool_folder, vault, *(path for path in vault.iterdir() if path.is_dir())]
        self._before = {_recording_of(path.name) for folder in self._folders for path in folder.iterdir()}
        self._notes = -1
        self.seen: set[str] = set()

    def __enter__(self) -> Watcher:
        self._notes = _libc.inotify_init1(os.O_NONBLOCK)
        for folder in self._folders:
            watch = _libc.inotify_add_watch(self._notes, bytes(folder), _IN_CREATE | _IN_MOVED_TO)
            assert watch >= 0, os.strerror(ctypes.get_errno())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._notes, 1 << 16):
                self._read(data)
        os.close(self._notes)
        self.seen -= self._before

    def _read(self, data: bytes) -> None:
        while data:
            *_, length = _NOTE.unpack_from(data)
            name = data[_NOTE.size : _NOTE.size + length].rstrip(b"\0").decode()
            self.seen.add(_recording_of(name))
            data = data[_NOTE.size + length :]


_libc = ctypes.CDLL(None, use_errno=True)
_IN_CREATE, _IN_MOVED_TO = 0x100, 0x80
_NOTE = struct.Struct("iIII")
"""`inotify_event`: watch, mask, cookie, and the length of the name that follows."""


def _recording_of(name: str) -> str:
    """Whose file it is: what is written anew has a dot in front."""
    return name.removeprefix(".").partition(".")[0]
