"""The vault of an installation: containers grow in a folder, stay there or in a bucket, and may lie in
vaults of earlier days.

Reading, asking and deleting reach all of them; what is to be deleted is deleted everywhere, or it counts as
not deleted. Carrying one from place to place:

    others kept out → intent noted → put, read back, compared → locked, if it must be
    → removed from where it was → intent struck out

An erasure that comes while one is carried waits for it, in whatever process. An upload that was cut off may
still be completed by the bucket a moment later, with nobody there to see it; so for a minute after one
nothing of that name counts as deleted.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_names import NAME
from asterisk_gdpr.errors import Damaged, Misuse, Unreachable
from asterisk_gdpr.ports import ContainerLocked, LockingStore, Store

_PIECE = 1 << 20
_LOCKS = 64
CUT_OFF = 60.0
"""Seconds in which a bucket may still complete an upload whose sender is gone; more than a request lasts."""

PATIENCE = 20.0
"""Seconds that an erasure waits for an upload that is under way; then it is tried again at the next tick."""


class Layers:
    """`bucket` is where closed containers stay, if there is one; `earlier` are read, deleted from, emptied.

    `aside` is a folder beside the vault for locks and intents, made when it is needed.
    """

    def __init__(
        self,
        local: FileVault,
        aside: Path,
        bucket: LockingStore | None = None,
        earlier: Sequence[Store] = (),
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._local = local
        self._aside = aside
        self._bucket = bucket
        self._earlier = tuple(earlier)
        self._patience = patience

    # --- the vault, as everybody sees it ------------------------------------------------------

    def append(self, name: str, at: int, data: bytes) -> None:
        """Write at the end, here: no bucket is asked while a call goes on."""
        self._local.append(name, at, data)

    def close(self, name: str) -> None:
        """Let it take nothing more."""
        self._local.close(name)

    def size(self, name: str) -> int | None:
        """Length in bytes; None when it is in none of the places, each of which has answered."""
        for store in self._stores():
            if (size := store.size(name)) is not None:
                return size
        return None

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A range; shorter at the end."""
        away = Unreachable("There is no such container.", id="vault-unreachable")
        for store in self._stores():
            if store is self._local and not self._local.has(name) and len(self._stores()) > 1:
                continue
            try:
                return store.read(name, offset, length)
            except Unreachable as error:
                away = error
        raise away

    def delete(self, name: str) -> None:
        """Delete it wherever it lies; raises `ContainerLocked` when it is gone but where it is locked."""
        with self._alone(name):
            if self._cut_off_just_now(name):
                raise Unreachable(
                    "Its upload was cut off just now, and may still be completed.", id="upload-cut-off"
                )
            locked: ContainerLocked | None = None
            for store in self._stores():
                try:
                    store.delete(name)
                except ContainerLocked as error:
                    locked = error
            self._intent(name).unlink(missing_ok=True)
        if locked is not None:
            raise locked

    def names(self) -> Iterator[str]:
        """Every container that is there, in order of name."""
        yield from sorted({name for store in self._stores() for name in store.names()})

    # --- where each is to stay ----------------------------------------------------------------

    def unsettled(self) -> Iterator[str]:
        """Those that lie where containers grow, and are to stay elsewhere."""
        if self._bucket is not None:
            yield from self._local.names()
        for intent in self._aside.glob("*.going"):  # of one that was brought, and then its carrier was killed
            if not self._cut_off_just_now(intent.stem) and not self._local.has(intent.stem):
                intent.unlink(missing_ok=True)

    def elsewhere(self) -> Iterator[str]:
        """Those that lie in vaults of earlier days."""
        for store in self._earlier:
            if not self._in_use(store):
                yield from store.names()

    def settle(self, name: str, keep_until: datetime | None = None) -> None:
        """Bring a closed container to where it is to stay; nothing to bring is no error.

        Raises Unreachable, Damaged (`container-exists`) when other bytes bear its name there, and
        `ContainerLocked` when it was brought, and stays where it was as well, since it is locked there.
        """
        target = self._target
        with self._alone(name):
            for source in (self._local, *self._earlier):
                if source is target or (source is not self._local and self._in_use(source)):
                    continue
                if (size := source.size(name)) is not None:
                    self._carry(name, size, source, target, keep_until)

    def prove_lock(self) -> bool:
        """Whether the bucket truly refuses to delete what is locked."""
        return self._bucket is not None and self._bucket.prove_lock()

    # --- inside -------------------------------------------------------------------------------

    @property
    def _target(self) -> Store:
        return self._local if self._bucket is None else self._bucket

    def _in_use(self, earlier: Store) -> bool:
        """Whether a vault of earlier days is, by another name, the one that is filled: then it stays full."""
        return earlier.mark() == self._target.mark()

    def _stores(self) -> tuple[Store, ...]:
        bucket = () if self._bucket is None else (self._bucket,)
        return (self._local, *bucket, *self._earlier)

    def _carry(self, name: str, size: int, source: Store, target: Store, keep_until: datetime | None) -> None:
        def pieces() -> Iterator[bytes]:
            for offset in range(0, size, _PIECE):
                yield source.read(name, offset, min(_PIECE, size - offset))

        digest = hashlib.sha256()
        for piece in pieces():
            digest.update(piece)
        self._intent(name).touch(0o600)
        target.put(name, pieces, size, digest.digest())
        if keep_until is not None and self._bucket is target and not self._bucket.lock(name, keep_until):
            raise Unreachable("The bucket does not lock what must be kept.", id="bucket-locks-not")
        if target.size(name) != size:
            raise Damaged("What was brought is not as long as what was there.", id="container-exists")
        try:
            source.delete(name)
        except ContainerLocked:
            self._intent(name).unlink(missing_ok=True)
            raise
        self._intent(name).unlink(missing_ok=True)

    def _intent(self, name: str) -> Path:
        return self._aside / f"{name}.going"

    def _cut_off_just_now(self, name: str) -> bool:
        try:
            return time.time() - self._intent(name).stat().st_mtime < CUT_OFF
        except FileNotFoundError:
            return False

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Keep every other process and thread from moving or deleting this one meanwhile."""
        if not NAME.fullmatch(name):
            raise Misuse("This is not the name of a container.")
        until = time.monotonic() + self._patience
        with self._lock_of(name) as handle:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= until:
                        raise Unreachable("It is being brought elsewhere now.", id="container-busy") from None
                    time.sleep(0.05)
            yield

    def _lock_of(self, name: str) -> IO[str]:
        try:
            self._aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self._aside / f"{zlib.crc32(name.encode()) % _LOCKS:02d}.lock"
            return os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "w")
        except OSError as error:
            code = errno.errorcode.get(error.errno or 0, "EIO")
            raise Unreachable(
                f"The state's folder does not answer ({code}).", id="vault-unreachable"
            ) from None
