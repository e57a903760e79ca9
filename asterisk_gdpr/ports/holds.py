"""What the register keeps of holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.holds import Hold


class HoldBook(Protocol):
    """Holds, and which recordings each of them keeps."""

    def add_hold(self, hold: Hold, recordings: Iterable[str]) -> None:
        """The hold with its recordings and its ledger entry, in one transaction.

        Refused (`erased`) when the keys of one of them have been destroyed: then nothing is held.
        """
        ...

    def end_hold(self, hold: str, at: datetime, by: str) -> bool:
        """It stands no more; False when it stood no more before. `by` is empty when its day has come."""
        ...

    def hold(self, hold: str) -> Hold: ...
    def holds(self, *, ended: bool = False) -> list[Hold]:
        """Those that stand, or all; newest first."""
        ...

    def recordings_held(self, hold: str) -> list[str]: ...
    def holds_of(self, recording: str) -> list[Hold]:
        """Those that stand over a recording."""
        ...
