"""The fake register's part that plays `ports.HoldBook`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asterisk_gdpr.core.holds import Hold
from asterisk_gdpr.errors import Refused


class MemoryHolds:
    """Holds in a dict, each with what it keeps; `_tables` is the register's own."""

    if TYPE_CHECKING:
        _tables: Any

        def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Any: ...
        def begin(self, kind: str, of: str, at: datetime, policy: str = "") -> None: ...
        def keys(self, recording: str) -> list[Any]: ...
        def recording(self, recording: str) -> Any: ...

    def add_hold(self, hold: Hold, recordings: Iterable[str]) -> None:
        ids = sorted(set(recordings))
        for id in ids:
            self.recording(id)
            if not self.keys(id):
                raise Refused(f"The recording {id} has been erased.", id="erased")
        self._tables.holds[hold.id] = (hold, frozenset(ids))
        entry = {"hold": hold.id, "ground": str(hold.ground), "recordings": ids}
        self.record("hold-placed", entry, hold.placed_at)

    def end_hold(self, hold: str, at: datetime, by: str) -> bool:
        standing = self.hold(hold)
        if not standing.stands:
            return False
        kept = self._tables.holds[hold][1]
        self._tables.holds[hold] = (replace(standing, ended_at=at, ended_by=by), kept)
        self.begin("holds", hold, at)
        self.record("hold-lifted" if by else "hold-over", {"hold": hold}, at)
        return True

    def hold(self, hold: str) -> Hold:
        if hold not in self._tables.holds:
            raise Refused(f"There is no hold {hold}.", id="unknown-hold")
        found: Hold = self._tables.holds[hold][0]
        return found

    def holds(self, *, ended: bool = False) -> list[Hold]:
        wanted = [hold for hold, _ in self._tables.holds.values() if ended or hold.stands]
        return sorted(wanted, key=lambda hold: hold.placed_at, reverse=True)

    def recordings_held(self, hold: str) -> list[str]:
        return sorted(self._tables.holds[hold][1]) if hold in self._tables.holds else []

    def holds_of(self, recording: str) -> list[Hold]:
        over = [hold for hold, kept in self._tables.holds.values() if hold.stands and recording in kept]
        return sorted(over, key=lambda hold: hold.placed_at)
