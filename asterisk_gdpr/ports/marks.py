"""What people note at a recording, and the searches that they keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Mark:
    """A moment of a recording that somebody marked; what they wrote goes with the recording."""

    id: str
    recording: str
    at_ms: int
    """Milliseconds from the recording's beginning."""
    user: str
    made_at: datetime
    text: str = ""


@dataclass(frozen=True)
class SavedSearch:
    """A search under a name; `query` is what stands in the address, and never holds a number."""

    user: str
    name: str
    query: Mapping[str, str]


class MarkBook(Protocol):
    """Marks and searches; free text lies in rows that are overwritten with the recording's keys."""

    def add_mark(self, mark: Mark) -> None:
        """Told to the ledger without its text; Refused (`erased`) once a tombstone stands."""
        ...

    def marks(self, recording: str) -> list[Mark]:
        """Those that stand, in the order of their moments."""
        ...

    def drop_mark(self, mark: str, by: str, at: datetime) -> None:
        """Overwrite what somebody wrote; Refused (`no-such-mark`) when it is not theirs, or gone."""
        ...

    def save_search(self, search: SavedSearch) -> None:
        """Keep it, in place of one of that name."""
        ...

    def saved_searches(self, user: str) -> list[SavedSearch]: ...
    def drop_search(self, user: str, name: str) -> None: ...
