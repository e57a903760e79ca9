"""The part of the register in memory that holds marks and saved searches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Mark, SavedSearch


class MemoryMarks:
    """Plays `ports.MarkBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any

    def add_mark(self, mark: Mark) -> None:
        if mark.recording in self._tables.tombstones:
            raise Refused("This recording has been erased, or is being erased.", id="erased")
        self._tables.marks[mark.id] = mark
        told = {"user": mark.user, "recording": mark.recording, "mark": mark.id, "at_ms": mark.at_ms}
        self.record("mark-added", told, mark.made_at)

    def marks(self, recording: str) -> list[Mark]:
        theirs = [mark for mark in self._tables.marks.values() if mark.recording == recording]
        return sorted(theirs, key=lambda mark: (mark.at_ms, mark.made_at))

    def drop_mark(self, mark: str, by: str, at: datetime) -> None:
        known = self._tables.marks.get(mark)
        if known is None or known.user != by:
            raise Refused("There is no such mark of yours.", id="no-such-mark")
        del self._tables.marks[mark]
        self.record("mark-dropped", {"user": by, "recording": known.recording, "mark": mark}, at)

    def wipe_marks(self, recording: str) -> None:
        kept = {id: mark for id, mark in self._tables.marks.items() if mark.recording != recording}
        self._tables.marks = kept

    def save_search(self, search: SavedSearch) -> None:
        self._tables.searches[search.user, search.name] = search

    def saved_searches(self, user: str) -> list[SavedSearch]:
        return [search for _, search in sorted(self._tables.searches.items()) if search.user == user]

    def drop_search(self, user: str, name: str) -> None:
        self._tables.searches.pop((user, name), None)
