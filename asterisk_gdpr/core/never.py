"""The never list: numbers whose calls are never recorded, on one line or on all of them.

An entry counts until somebody removes it, or until its period ends that begins when it is asked for; its
review date is when a person looks at it again, and changes nothing by itself. Where the law demands a
recording, the list cannot forbid it: such a line gives its notice as ever, and the caller may refuse there
what is not demanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

EVERY_LINE = ""
"""The scope of an entry that counts on all lines."""

BY_CALLER = "caller"
BY_PERSON = "person"


@dataclass(frozen=True)
class NeverEntry:
    """One number on the list; `index` is its blind index, `sealed` opens with the key of its epoch alone.

    `by` says who put it there: the caller, by key, or a person, by command.
    """

    id: str
    line: str
    index: bytes
    sealed: bytes
    epoch: str
    by: str
    added_at: datetime
    review_at: datetime
    removed_at: datetime | None = None


ENDS_SOON = timedelta(days=30)
"""So long before the end of its period an entry is shown as due: then its number is asked like any other."""


@dataclass(frozen=True)
class Standing:
    """An entry, and when it ends by its period (None: not reckoned yet)."""

    entry: NeverEntry
    ends_at: datetime | None

    def due(self, now: datetime) -> bool:
        """Whether a person is to look at it: its review date has come, or it ends soon."""
        return self.entry.review_at <= now or (self.ends_at is not None and self.ends_at - ENDS_SOON <= now)


class NeverList:
    """The list as it stands, asked by number; `index_of` is None for what is no number."""

    def __init__(self, entries: Iterable[NeverEntry], index_of: Callable[[str], bytes | None]) -> None:
        self._entries = {(entry.index, entry.line) for entry in entries}
        self._index_of = index_of

    def has(self, number: str, line: str) -> bool:
        """Whether calls of this number are never recorded on this line."""
        if not self._entries or (index := self._index_of(number)) is None:
            return False
        return not self._entries.isdisjoint({(index, line), (index, EVERY_LINE)})


def is_withheld(number: str) -> bool:
    """Whether a caller shows no number at all; a name in its place is none."""
    return not any(character.isdigit() for character in number)
