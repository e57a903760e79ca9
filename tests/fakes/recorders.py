"""The part of the register in memory that keeps what else recorded calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import RecorderRow


class MemoryRecorders:
    """Plays `ports.RecorderBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any
    _require_living_epoch: Any

    def add_recorder(self, row: RecorderRow) -> None:
        if row.sealed is not None:
            self._require_living_epoch(row.epoch)
        self._tables.recorders[row.id] = row
        self._tell("seen", row, row.seen_at)

    def recorder_stopping(self, id: str, at: datetime) -> None:
        self._tell("stopping", self._recorder(id), at)

    def recorder_stopped(self, id: str, at: datetime) -> None:
        row = self._tables.recorders[id] = replace(self._recorder(id), stopped_at=at)
        self._tell("stopped", row, at)

    def recorders_of(self, call: str) -> list[RecorderRow]:
        rows = [row for row in self._tables.recorders.values() if row.call == call]
        return sorted(rows, key=lambda row: (row.seen_at, row.id))

    def _recorder(self, id: str) -> RecorderRow:
        found = self._tables.recorders.get(id)
        if found is None:
            raise Refused(f"There is no recorder {id}.", id="unknown-recorder")
        return found  # type: ignore[no-any-return]  # the tables are the register's

    def _tell(self, what: str, row: RecorderRow, at: datetime) -> None:
        entry = {"call": row.call, "recorder": row.id, "by": row.by}
        self.record(f"other-recorder-{what}", entry, at)
