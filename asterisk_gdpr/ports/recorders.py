"""Recorders and listeners that are not ours: as the exchange knows them, and as the register keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class By(StrEnum):
    """What takes the sound."""

    MIXMONITOR = "MixMonitor"
    MONITOR = "Monitor"
    CONFBRIDGE = "ConfBridge"
    CHANSPY = "ChanSpy"


@dataclass(frozen=True)
class Recorder:
    """Somebody else's recorder or listener.

    `at` is the channel or the bridge whose sound it takes, `name` what Asterisk stops it by, `file` what it
    writes: each empty where that is not known. A file's name and a conference's can hold a number.
    """

    at: str
    by: By
    name: str = ""
    file: str = ""


@dataclass(frozen=True)
class RecorderRow:
    """A recorder on a call of ours, as the register keeps it; `sealed` opens only for the vault's key."""

    id: str
    call: str
    by: str
    seen_at: datetime
    sealed: bytes | None = None
    epoch: str = ""
    stopped_at: datetime | None = None


class RecorderBook(Protocol):
    """What else recorded calls of ours."""

    def add_recorder(self, row: RecorderRow) -> None:
        """It was seen; the ledger is told, and has neither file nor number."""
        ...

    def recorder_stopping(self, id: str, at: datetime) -> None:
        """It is about to be stopped, as the policy says; the ledger is told."""
        ...

    def recorder_stopped(self, id: str, at: datetime) -> None:
        """It was seen to be gone; the ledger is told."""
        ...

    def recorders_of(self, call: str) -> list[RecorderRow]:
        """Those of a call, the first seen first."""
        ...
