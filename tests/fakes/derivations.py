"""The part of the register in memory that holds recordings made of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.core.recording import (
    Derivation,
    DerivedAs,
    Progress,
    Recording,
    State,
    Term,
    WrappedKey,
)
from asterisk_gdpr.errors import Refused


class MemoryDerivations:
    """Plays `ports.DerivationBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any
    recording: Any
    call: Any
    _change_call: Any
    _require_living_epoch: Any

    def begin_derivation(self, derivation: Derivation) -> None:
        self.recording(derivation.of)
        self._tables.derivations[derivation.recording] = derivation
        entry = {"recording": derivation.recording, "of": derivation.of, "kind": str(derivation.kind)}
        self.record("derivation-begun", entry, derivation.begun_at)

    def finish_derivation(
        self,
        recording: Recording,
        key: WrappedKey,
        terms: Iterable[Term],
        progress: Progress,
        record: bytes,
        at: datetime,
    ) -> None:
        begun = self._tables.derivations.get(recording.id)
        if begun is None or begun.done_at is not None:
            raise Refused("What was to be made was given up meanwhile.", id="derivation-dropped")
        if self.recording(begun.of).state is not State.SEALED:
            raise Refused("It has been erased, or is being erased.", id="erased")
        self._require_living_epoch(key.epoch)
        self._tables.recordings[recording.id] = recording
        self._tables.progress[recording.id] = progress
        self._tables.terms.update({(term.recording, term.purpose): term for term in terms})
        self._tables.keys[key.recording, key.generation] = key
        self._tables.derivations[recording.id] = replace(begun, done_at=at, record=record)
        if begun.kind is DerivedAs.REDACTED:
            self._change_call(recording.call, recording=recording.id)
        self.record(
            "recording-derived",
            {"recording": recording.id, "of": begun.of, "chain": progress.chain.hex()},
            at,
        )

    def drop_derivation(self, recording: str) -> None:
        known = self._tables.derivations.get(recording)
        if known is not None and known.done_at is None:
            del self._tables.derivations[recording]

    def derivations(self, recording: str) -> list[Derivation]:
        return sorted(
            (
                one
                for one in self._tables.derivations.values()
                if recording in (one.recording, one.of) and one.done_at is not None
            ),
            key=lambda one: (one.done_at, one.recording),
        )

    def derivations_begun(self, before: datetime) -> list[Derivation]:
        return [
            one for one in self._tables.derivations.values() if one.done_at is None and one.begun_at < before
        ]

    def recordings_of_call(self, call: str) -> list[Recording]:
        theirs = [
            one
            for one in self._tables.recordings.values()
            if one.call == call and one.state is not State.ERASED
        ]
        return sorted(theirs, key=lambda one: (one.created_at, one.id))

    def _others(self, recording: str) -> list[str]:
        row = self.recording(recording)
        return [one.id for one in self.recordings_of_call(row.call) if one.id != recording]

    def wipe_record(self, recording: str) -> None:
        known = self._tables.derivations.get(recording)
        if known is not None:
            self._tables.derivations[recording] = replace(known, record=None)
