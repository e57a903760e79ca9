"""What the register keeps of an erasure, from the intent to the certificate."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.recording import DestroyedKey, Recording, Tombstone


class ErasureBook(Protocol):
    """Tombstones and what follows from them, in the order of erasure."""

    def due(self, now: datetime, limit: int | None = None) -> list[Recording]:
        """SEALED recordings whose last purpose has ended, longest due first; none held or restricted."""
        ...

    def add_tombstone(self, tombstone: Tombstone) -> bool:
        """Commit the intent (with its ledger entry); state ERASING; False when one stands already.

        One that stands is brought forward if this one is due earlier.
        """
        ...

    def tombstones(self, now: datetime) -> list[Tombstone]:
        """Those that are due and not done, oldest first."""
        ...

    def tombstone(self, recording: str) -> Tombstone | None: ...
    def destroy_keys(self, recording: str, at: datetime) -> list[DestroyedKey]:
        """Overwrite every wrapped key of a recording, its caller's number, and what was written beside it.

        Refused without a tombstone, and while a hold stands over it (`held`).
        Idempotent: what names the keys is kept, so a second run returns the same.
        """
        ...

    @property
    def wipes(self) -> bool:
        """Whether `checkpoint` leaves nothing of what was overwritten in the database's own files.

        PostgreSQL keeps overwritten rows, and its journal, until it uses their space anew.
        """
        ...

    def checkpoint(self) -> bool:
        """Let nothing overwritten remain, as far as the database can (SQLite: a TRUNCATE checkpoint).

        False: a reader held it up, try again.
        """
        ...

    def finish_erasure(self, recording: str, at: datetime, certificate: bytes) -> None:
        """State ERASED, tombstone done, number gone, certificate kept, ledger told: one transaction."""
        ...

    def certificate(self, recording: str) -> bytes | None: ...
