"""What the register knows of the vault's key pairs, and of everything that is sealed to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.epoch import Epoch, Position, Recipient, SealedAnew, SealedRow


class EpochBook(Protocol):
    """Epochs and recipients, and the walk over what is sealed."""

    def add_epoch(
        self, epoch: str, algorithm: str, public: bytes, at: datetime, voucher: bytes | None = None
    ) -> None: ...
    def vouch_epoch(self, epoch: str, voucher: bytes) -> None:
        """Put this in the place of the voucher that is there."""
        ...

    def reject_epoch(self, epoch: str, by: str, at: datetime) -> bool:
        """Take out one that is not ours; False, and nothing done, while anything is sealed to it."""
        ...

    def epoch(self) -> tuple[str, bytes, datetime] | None:
        """The current one: id, encoded public key, begun at."""
        ...

    def epochs(self) -> list[Epoch]:
        """Every one that ever was, oldest first."""
        ...

    def add_recipient(self, recipient: Recipient) -> None:
        """One of the same name is replaced."""
        ...

    def reject_recipient(self, name: str, key_id: str, by: str, at: datetime) -> None:
        """Take out one that is not ours; another key of that name stays."""
        ...

    def recipients(self) -> list[Recipient]:
        """In order of name."""
        ...

    def sealed_rows(self, epoch: str, after: Position, limit: int) -> tuple[list[SealedRow], Position | None]:
        """Some rows that are sealed to an epoch, and where to go on; None: that was the end.

        What has been overwritten is left out.
        """
        ...

    def count_sealed(self, epoch: str) -> int:
        """How many rows are sealed to an epoch."""
        ...

    def seal_anew(self, rows: Sequence[SealedAnew], epoch: str) -> int:
        """Overwrite rows in place, in one transaction; returns how many.

        A row that is not what it was (it was erased, or sealed anew by another process) is left as it is.
        """
        ...

    def end_epoch(self, epoch: str, at: datetime) -> bool:
        """Let nothing be sealed to it any more; False, and nothing done, while anything still is."""
        ...

    def finish_epoch(self, epoch: str, at: datetime, certificate: bytes) -> None:
        """Its private key is destroyed; the first certificate stands."""
        ...
