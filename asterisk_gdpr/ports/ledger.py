"""The account of what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from asterisk_gdpr.core.ledger import Entry


class LedgerBook(Protocol):
    """The append-only, chained account."""

    def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Entry: ...
    def entries(self, after: int = 0, limit: int = 1000) -> list[Entry]: ...
    def head(self) -> Entry | None: ...
    def erase_payloads(self, seqs: Iterable[int]) -> None:
        """Overwrite what entries tell of; they stay in the chain, which goes on to verify."""
        ...
