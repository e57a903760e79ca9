"""A vault in memory; `tests/vault/test_contract.py` holds it and the real one to the same contract."""

from __future__ import annotations

import re
from collections.abc import Iterator

from asterisk_gdpr.errors import Damaged, Misuse, Refused, Unreachable

_NAME = re.compile(r"[a-z0-9]+")


class MemoryVault:
    """Plays `ports.Vault`; `away = True` makes it unreachable, as a disk that was taken out is."""

    def __init__(self) -> None:
        self.away = False
        self.held: dict[str, bytes] = {}
        self.closed: set[str] = set()

    def append(self, name: str, at: int, data: bytes) -> None:
        there = self._there(name).get(name, b"")
        if name not in self.held and at:
            raise Unreachable("There is no such container.", id="vault-unreachable")
        if name in self.closed:
            raise Refused("The container is closed.", id="container-closed")
        if len(there) < at:
            raise Damaged("The container holds less than was committed.", id="container-short")
        self.held[name] = there[:at] + data

    def close(self, name: str) -> None:
        if name in self._there(name):
            self.closed.add(name)

    def size(self, name: str) -> int | None:
        held = self._there(name).get(name)
        return None if held is None else len(held)

    def read(self, name: str, offset: int, length: int) -> bytes:
        if name not in self._there(name):
            raise Unreachable("There is no such container.", id="vault-unreachable")
        return self.held[name][offset : offset + length]

    def delete(self, name: str) -> None:
        self._there(name).pop(name, None)
        self.closed.discard(name)

    def names(self) -> Iterator[str]:
        yield from sorted(self._there())

    def _there(self, name: str | None = None) -> dict[str, bytes]:
        if name is not None and not _NAME.fullmatch(name):
            raise Misuse("This is not the name of a container.")
        if self.away:
            raise Unreachable("The vault does not answer.", id="vault-unreachable")
        return self.held
