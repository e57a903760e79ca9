"""Where audio lies: in plaintext only in the spool, sealed in the vault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.errors import Refused


@dataclass(frozen=True)
class Legs:
    """The two files in memory that MixMonitor writes for one stretch."""

    left: str
    right: str


class Spool(Protocol):
    """Plaintext audio in memory, and only there; offsets and lengths are bytes of one leg."""

    def prepare(self, recording: str, stretch: int, rate: int) -> Legs:
        """Make the two leg files, empty, writable by Asterisk; the folder is not.

        `rate` is 8000 or 16000; a leg's name tells Asterisk which.
        """
        ...

    def length(self, legs: Legs) -> int | None:
        """How much both legs hold by now (the shorter of the two); None when one of them is gone."""
        ...

    def read(self, legs: Legs, offset: int, length: int) -> tuple[bytes, bytes]:
        """The same range of both legs, each shorter at its end."""
        ...

    def is_whole(self, legs: Legs) -> bool:
        """Whether nobody writes to either leg any more: Asterisk has closed what it wrote. A gone one is."""
        ...

    def release(self, legs: Legs, upto: int) -> None:
        """Give back the memory before `upto`, page-aligned; what is released reads as zeroes."""
        ...

    def remove(self, recording: str) -> None:
        """Unlink every leg of a recording and its notes, whatever of them is left; nothing there is no error.

        Their memory is given back at once, even while Asterisk still has them open.
        """
        ...

    def keep_notes(self, recording: str, notes: bytes) -> None:
        """Replace what is noted beside the legs: it lives exactly as long as they do."""
        ...

    def notes(self, recording: str) -> bytes | None:
        """What was noted; None when nothing was."""
        ...

    def find(self, recording: str) -> Sequence[tuple[int, Legs]]:
        """The stretches of which at least one leg lies in the spool, in order."""
        ...

    def recordings(self) -> Sequence[str]:
        """The recordings of which anything lies here: a leg, or notes."""
        ...

    def room(self) -> float:
        """The share of the spool that is free, 0 to 1."""
        ...


class ContainerLocked(Refused):
    """A store keeps a container until a time, whatever anybody says; `until` is that time."""

    default_id = "container-locked"

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"The store lets nobody delete this container before {until:%Y-%m-%d %H:%M} UTC.")


class Store(Protocol):
    """Where whole containers lie, under names that are used once."""

    def mark(self) -> str:
        """What tells this place from every other, under whatever name it is reached; raises Unreachable."""
        ...

    def put(self, name: str, pieces: Callable[[], Iterable[bytes]], size: int, sha256: bytes) -> None:
        """Bring a whole container; when this returns, it was read back and has this hash.

        What is there already is never overwritten: the same bytes are no error, others raise Damaged
        (id `container-exists`).
        """
        ...

    def size(self, name: str) -> int | None:
        """Length in bytes; None when there is no such container."""
        ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A range; shorter at the end."""
        ...

    def delete(self, name: str) -> None:
        """Delete it with every version of it, durably, and look that nothing is left; none there is no error.

        Raises `ContainerLocked` when the store keeps it until a time.
        """
        ...

    def names(self) -> Iterator[str]:
        """Every container that is there, in order of name."""
        ...


class LockingStore(Store, Protocol):
    """A store that can keep a container against everybody (Object Lock)."""

    def lock(self, name: str, until: datetime) -> bool:
        """Let nobody delete it before a time; False when the store will not."""
        ...

    def prove_lock(self) -> bool:
        """Whether the store truly refuses to delete what is locked, by trying."""
        ...


class Vault(Protocol):
    """Where containers lie: written once from front to back, never overwritten."""

    def append(self, name: str, at: int, data: bytes) -> None:
        """Write at the end, which must be `at`, and fsync; anything past `at` (a torn write) is cut first.

        Raises `Damaged` (id `container-short`) when less than `at` is there, Refused
        (`container-closed`) when it was closed.
        """
        ...

    def close(self, name: str) -> None:
        """Let it take nothing more; one that is not there is no error."""
        ...

    def size(self, name: str) -> int | None:
        """Length in bytes; None when there is no such container."""
        ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A range; shorter at the end."""
        ...

    def delete(self, name: str) -> None:
        """Delete it wherever it lies, durably; none there is no error.

        Raises `ContainerLocked` when a store keeps it until a time.
        """
        ...

    def names(self) -> Iterator[str]:
        """Every container that is there."""
        ...


class LayeredVault(Vault, Protocol):
    """A vault whose containers grow in one place and stay in another."""

    def unsettled(self) -> Iterator[str]:
        """Those that lie where containers grow, and are to stay elsewhere."""
        ...

    def elsewhere(self) -> Iterator[str]:
        """Those that lie in vaults of earlier days."""
        ...

    def settle(self, name: str, keep_until: datetime | None = None) -> None:
        """Bring a closed container to where it is to stay, verified before it goes from where it was.

        With `keep_until` nobody can delete it there before. Killed at any point, or Unreachable: call again.
        """
        ...

    def prove_lock(self) -> bool:
        """Whether the place where containers stay truly refuses to delete what is locked."""
        ...
