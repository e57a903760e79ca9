"""Recordings that were made of others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.recording import Derivation, Progress, Recording, Term, WrappedKey


class DerivationBook(Protocol):
    """The intent to make a recording of another one, and what came of it."""

    def begin_derivation(self, derivation: Derivation) -> None:
        """The intent, before anything is written; the ledger has it."""
        ...

    def finish_derivation(
        self,
        recording: Recording,
        key: WrappedKey,
        terms: Iterable[Term],
        progress: Progress,
        record: bytes,
        at: datetime,
    ) -> None:
        """The new recording with its key and its purposes, sealed and closed, in one transaction.

        Refused: `derivation-dropped` without its intent, `erased` when a tombstone stands over the other
        one. Of a redaction the call then names the new one.
        """
        ...

    def drop_derivation(self, recording: str) -> None:
        """Nothing came of it; one that is done, or was never begun, is left alone."""
        ...

    def derivations(self, recording: str) -> list[Derivation]:
        """Those that are done and by which this one was made, or of which it was made; oldest first."""
        ...

    def derivations_begun(self, before: datetime) -> list[Derivation]:
        """Those that were begun before a time and are not done."""
        ...

    def recordings_of_call(self, call: str) -> list[Recording]:
        """Every recording of a call that is not erased, oldest first: its own, and those made of it."""
        ...
