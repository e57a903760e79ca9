"""What waits to be told to others, so that nothing is lost while they are away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Waiting:
    """A message that waits to be sent; `number` is its place in the order."""

    number: int
    topic: str
    payload: bytes


class Outbox(Protocol):
    """Messages of one node, in their order."""

    def put(self, node: str, messages: Sequence[tuple[str, bytes]], at: datetime) -> None: ...
    def waiting(self, node: str, limit: int) -> list[Waiting]:
        """The oldest, in order."""
        ...

    def sent(self, node: str, upto: int) -> None:
        """Everything up to this number has arrived, and is forgotten."""
        ...

    def drop_before(self, node: str, at: datetime) -> int:
        """Forget what was put before a time, sent or not; returns how many."""
        ...
