"""The fake register's part that plays `ports.NeverBook`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asterisk_gdpr.core.ledger import told_by
from asterisk_gdpr.core.never import NeverEntry
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused


class MemoryNevers:
    """The never list in a dict; `_tables` is the register's own."""

    if TYPE_CHECKING:
        _tables: Any

        def begin(self, kind: str, of: str, at: datetime) -> None: ...
        def stop(self, kind: str, of: str) -> None: ...
        def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Any: ...

    def add_never(self, entry: NeverEntry, user: str = "") -> NeverEntry:
        for same in self._tables.nevers.values():
            if (same.index, same.line) == (entry.index, entry.line):
                self.stop("never_list", same.id)
                self.begin("never_list", same.id, entry.added_at)
                again: NeverEntry = replace(same, review_at=entry.review_at)
                self._tables.nevers[same.id] = again
                return again
        self._tables.nevers[entry.id] = entry
        self.begin("never_list", entry.id, entry.added_at)
        told = {"never": entry.id, "line": entry.line, "by": entry.by, **told_by(user)}
        self.record("never-added", told, entry.added_at)
        return entry

    def review_never(self, id: str, review_at: datetime, at: datetime, user: str = "") -> None:
        if (entry := self._tables.nevers.get(id)) is None:
            raise Refused(f"There is no never {id}.", id="unknown-never")
        self._tables.nevers[id] = replace(entry, review_at=review_at)
        told = {"never": id, "review_at": to_text(review_at), **told_by(user)}
        self.record("never-reviewed", told, at)

    def remove_never(self, id: str, at: datetime, user: str = "") -> None:
        if self._tables.nevers.pop(id, None) is None:
            raise Refused(f"There is no never {id}.", id="unknown-never")
        self.stop("never_list", id)
        self.record("never-removed", {"never": id, **told_by(user)}, at)

    def nevers(self) -> list[NeverEntry]:
        return sorted(self._tables.nevers.values(), key=lambda entry: (entry.added_at, entry.id))
