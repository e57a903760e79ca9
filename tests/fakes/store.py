"""A store of whole containers in memory; `tests/vault/test_stores.py` holds it to the real ones' contract."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from asterisk_gdpr.errors import Damaged, Misuse, Unreachable
from asterisk_gdpr.ports import ContainerLocked
from tests.fakes.vault import _NAME


class MemoryStore:
    """Plays `ports.LockingStore`; `away` makes it unreachable, `now` is what its locks are held against."""

    def __init__(self, now: Callable[[], datetime] | None = None, *, enforces: bool = True) -> None:
        self.away = False
        self.held: dict[str, bytes] = {}
        self.locks: dict[str, datetime] = {}
        self._now = now
        self._enforces = enforces

    def mark(self) -> str:
        self._there()
        return str(id(self.held))

    def put(self, name: str, pieces: Callable[[], Iterable[bytes]], size: int, sha256: bytes) -> None:
        self._there(name).setdefault(name, b"".join(pieces()))
        if hashlib.sha256(self.held[name]).digest() != sha256 or len(self.held[name]) != size:
            raise Damaged("Other bytes bear this name.", id="container-exists")

    def size(self, name: str) -> int | None:
        held = self._there(name).get(name)
        return None if held is None else len(held)

    def read(self, name: str, offset: int, length: int) -> bytes:
        if name not in self._there(name):
            raise Unreachable("There is no such container.", id="vault-unreachable")
        return self.held[name][offset : offset + length]

    def delete(self, name: str) -> None:
        self._there(name)
        until = self.locks.get(name)
        if until is not None and self._now is not None and self._now() < until:
            raise ContainerLocked(until)
        self.held.pop(name, None)

    def names(self) -> Iterator[str]:
        yield from sorted(self._there())

    def lock(self, name: str, until: datetime) -> bool:
        self._there(name)
        if self._enforces:
            self.locks[name] = until
        return self._enforces

    def prove_lock(self) -> bool:
        self._there()
        return self._enforces

    def _there(self, name: str | None = None) -> dict[str, bytes]:
        if name is not None and not _NAME.fullmatch(name):
            raise Misuse("This is not the name of a container.")
        if self.away:
            raise Unreachable("The bucket does not answer.", id="bucket-unreachable")
        return self.held
