"""Where audio lies: in plaintext only in the spool, sealed in the vault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


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


class Vault(Protocol):
    """Where containers lie: written once from front to back, never overwritten."""

    def append(self, name: str, at: int, data: bytes) -> None:
        """Write at the end, which must be `at`, and fsync; anything past `at` (a torn write) is cut first.

        Raises `Damaged` (id `container-short`) when less than `at` is there.
        """
        ...

    def size(self, name: str) -> int | None:
        """Length in bytes; None when there is no such container."""
        ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A range; shorter at the end."""
        ...

    def delete(self, name: str) -> None:
        """Delete it, with its folder entry made durable; none there is no error."""
        ...

    def names(self) -> Iterator[str]:
        """Every container that is there."""
        ...
