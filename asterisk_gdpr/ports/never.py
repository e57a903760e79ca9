"""What the register keeps of numbers that are never recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.never import NeverEntry


class NeverBook(Protocol):
    """The never list; whoever reads it learns no number."""

    def add_never(self, entry: NeverEntry, user: str = "") -> NeverEntry:
        """Add a number with its ledger entry; the one that stands already for the same line is returned.

        That one begins its period anew, and is looked at again when the new one says.
        """
        ...

    def review_never(self, id: str, review_at: datetime, at: datetime, user: str = "") -> None:
        """Somebody has looked at it, and will again on that day; it ends when it would have."""
        ...

    def remove_never(self, id: str, at: datetime, user: str = "") -> None:
        """Take a number off: what is sealed and its index are overwritten. Refused if it is not there."""
        ...

    def nevers(self) -> list[NeverEntry]:
        """Those that stand, oldest first."""
        ...
