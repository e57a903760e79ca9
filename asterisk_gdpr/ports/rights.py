"""What the register keeps beside recordings for the rights of those who are heard in them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.rights import Handover, Remark, Restriction


class RightsBook(Protocol):
    """Restrictions, remarks, and who was given a copy."""

    def add_restriction(self, restriction: Restriction) -> None:
        """Restrict the recording; while one of them stands, no period ends it."""
        ...

    def note_told(self, restriction: str, at: datetime) -> None:
        """The person was told that it will be lifted."""
        ...

    def lift_restriction(self, restriction: str, at: datetime) -> None:
        """Open the recording again, unless another restriction or a tombstone stands; Refused if lifted."""
        ...

    def restriction(self, restriction: str) -> Restriction: ...
    def restrictions(self, recording: str = "") -> list[Restriction]:
        """Those that stand, of one recording or of all, oldest first."""
        ...

    def add_remark(self, remark: Remark) -> None: ...
    def remarks(self, recording: str) -> list[Remark]:
        """Those whose text is not erased, oldest first."""
        ...

    def add_handover(self, handover: Handover) -> None: ...
    def handovers(self, recording: str = "", *, untold: bool = False) -> list[Handover]:
        """Who was given what, oldest first; `untold`: only recipients who must still be told of something."""
        ...

    def tell_recipients(self, recording: str, about: str, at: datetime) -> int:
        """Note that whoever was given this recording must be told; returns how many recipients that are."""
        ...

    def note_recipient_told(self, handover: str, at: datetime) -> None:
        """The recipient was told; Refused if there is no such handover."""
        ...
