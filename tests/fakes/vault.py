"""A vault in memory; `tests/playback/test_vault.py` holds it and the real one to the same contract."""

from __future__ import annotations

from collections.abc import Iterator

from asterisk_gdpr.errors import Damaged, Unreachable


class MemoryVault:
    """Plays `ports.Vault`; `away = True` makes it unreachable, as a disk that was taken out is."""

    def __init__(self) -> None:
        self.away = False
        self.held: dict[str, bytes] = {}

    def append(self, name: str, at: int, data: bytes) -> None:
        there = self._there().get(name, b"")
        if name not in self.held and at:
            raise Unreachable("There is no such container.", id="vault-unreachable")
        if len(there) < at:
            raise Damaged("The container holds less than was committed.", id="container-short")
        self.held[name] = there[:at] + data

    def size(self, name: str) -> int | None:
        held = self._there().get(name)
        return None if held is None else len(held)

    def read(self, name: str, offset: int, length: int) -> bytes:
        if name not in self._there():
            raise Unreachable("There is no such container.", id="vault-unreachable")
        return self.held[name][offset : offset + length]

    def delete(self, name: str) -> None:
        self._there().pop(name, None)

    def names(self) -> Iterator[str]:
        yield from sorted(self._there())

    def _there(self) -> dict[str, bytes]:
        if self.away:
            raise Unreachable("The vault does not answer.", id="vault-unreachable")
        return self.held
