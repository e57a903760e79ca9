"""What the register tells of how the work goes: tallies of choices, and the ledger by what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.ledger import Entry


@dataclass(frozen=True)
class Tally:
    """How many calls of one hour (UTC), line and language came to one choice (empty: to none)."""

    hour: datetime
    line: str
    language: str
    choice: str
    calls: int


@dataclass(frozen=True)
class Looked:
    """What is looked for in the ledger; empty fields do not narrow; `about` are ids of ours."""

    about: Sequence[str] = ()
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """Continue before this number: newest first."""
    limit: int = 50


class ActivityBook(Protocol):
    """Reading what was done, and saying that somebody has seen to it."""

    def tally(self, since: datetime, until: datetime) -> list[Tally]:
        """Calls that arrived within a span, counted."""
        ...

    def look_up(self, looked: Looked) -> list[Entry]:
        """Entries of the ledger, newest first."""
        ...

    def kinds(self) -> list[str]:
        """Every kind of entry that the ledger has, by name."""
        ...

    def see_to(self, id: str, about: str, by: str, at: datetime) -> None:
        """Somebody sees to an alarm that stands; Refused (`no-such-alarm`) if none does."""
        ...
