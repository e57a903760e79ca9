"""Finding recordings: what a person may know of is what they may listen to, or what their office asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Found, RecordingBook, Search


@dataclass(frozen=True)
class Shelf:
    """One page of what was found, newest first; `after` is where the next page begins, if there is one."""

    found: tuple[Found, ...]
    after: tuple[datetime, str] | None


class Library:
    """Searches the register; a typed number is only ever looked up by its blind index.

    `index_of` brings a number as people write it to E.164 and returns its blind index, None if it is none.
    """

    def __init__(self, register: RecordingBook, index_of: Callable[[str], bytes | None]) -> None:
        self._register = register
        self._index_of = index_of

    def index_of(self, number: str) -> bytes:
        """Return the blind index of a number; raises Refused `not-a-number`, without repeating it."""
        index = self._index_of(number)
        if index is None:
            raise Refused(
                "This is not a telephone number.",
                hint="Write it with its country code, as in +49 30 1234567.",
                id="not-a-number",
            )
        return index

    def search(self, search: Search) -> Shelf:
        """Return one page of recordings; `search.purposes` limits it to what the person may know of."""
        found = self._register.search(replace(search, limit=search.limit + 1))
        page = tuple(found[: search.limit])
        more = len(found) > search.limit
        last = page[-1].recording if more else None
        return Shelf(page, (last.created_at, last.id) if last else None)

    def found(self, recording: str) -> Found:
        """Return one recording; raises Refused when there is none of that id."""
        return self._register.found(recording)
