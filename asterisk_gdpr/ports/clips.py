"""Clips that listeners share with each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.clip import Clip


class ClipBook(Protocol):
    """Clips; the names in them are overwritten with the recording's keys."""

    def add_clip(self, clip: Clip) -> None:
        """Told to the ledger; Refused (`erased`) once a tombstone stands."""
        ...

    def clip(self, id: str) -> Clip:
        """One by its id; Refused (`unknown-clip`)."""
        ...

    def clips_of(self, user: str, now: datetime) -> Sequence[Clip]:
        """Those that live, shared by or with somebody, newest first."""
        ...

    def end_clip(self, id: str, by: str, at: datetime) -> None:
        """Its sharer takes it back, told to the ledger; Refused (`unknown-clip`) for anybody else's."""
        ...
