"""The outbox of the register in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asterisk_gdpr.ports import Waiting


class MemoryOutbox:
    """Plays `ports.Outbox` on the tables of `MemoryRegister`."""

    _tables: Any

    def put(self, node: str, messages: Sequence[tuple[str, bytes]], at: datetime) -> None:
        for topic, payload in messages:
            self._tables.outbox_last[0] += 1
            self._tables.outbox.append((node, at, Waiting(self._tables.outbox_last[0], topic, payload)))

    def waiting(self, node: str, limit: int) -> list[Waiting]:
        return [row for of, _, row in self._tables.outbox if of == node][:limit]

    def sent(self, node: str, upto: int) -> None:
        self._tables.outbox = [
            (of, at, row) for of, at, row in self._tables.outbox if of != node or row.number > upto
        ]

    def drop_before(self, node: str, at: datetime) -> int:
        before = len(self._tables.outbox)
        self._tables.outbox = [
            (of, put, row) for of, put, row in self._tables.outbox if of != node or put >= at
        ]
        return before - len(self._tables.outbox)
