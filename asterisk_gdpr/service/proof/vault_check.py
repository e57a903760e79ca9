"""The whole vault against the whole register: what is missing, damaged, orphaned, or known to nobody.

Every byte is read, at a bounded rate, so that calls go on beside it; after an interruption it goes on where
it was. It needs public keys alone, changes nothing, and alarms of what is damaged or missing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Alarm, Clock, RecordingBook, Search, Upkeep, Vault
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.new_files import replace_file
from asterisk_gdpr.service.proof.recordings import verify_recording

_PAGE = 200


class Wrong(StrEnum):
    """What can be wrong with a container."""

    DAMAGED = "damaged"
    """It is not what was sealed."""
    MISSING = "missing"
    """The register says that it is sealed, and the vault does not have it."""
    ORPHANED = "orphaned"
    """Its recording is erased or being erased: the container should be gone."""
    UNREGISTERED = "unregistered"
    """The register does not know its recording; nothing can open it."""


@dataclass(frozen=True)
class Fault:
    """One container that is not as it should be."""

    recording: str
    wrong: Wrong
    reason: str = ""


@dataclass(frozen=True)
class Looked:
    """One container that was looked at, and what is wrong with it, if anything is."""

    recording: str
    size: int
    fault: Fault | None = None


class Book(RecordingBook, Upkeep, Protocol):
    """What the walk needs of the register."""


class VaultCheck:
    """Walks the vault, then the register; `position` is the file that remembers how far it has come."""

    def __init__(
        self,
        register: Book,
        vault: Vault,
        keys: Sequence[VerifyKey],
        clock: Clock,
        position: Path,
        *,
        bytes_a_second: float = 50e6,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._register = register
        self._vault = vault
        self._keys = keys
        self._clock = clock
        self._position = position
        self._rate = bytes_a_second
        self._sleep = sleep

    def walk(self, *, anew: bool = False) -> Iterator[Looked]:
        """Look at everything, from where an earlier walk was interrupted; Unreachable with a part away."""
        after = "" if anew else self._remembered()
        for name in self._vault.names():
            if name <= after:
                continue
            looked = self._look(name)
            yield looked
            self._tell(looked.fault)
            self._remember(name)
            self._sleep(looked.size / self._rate)
        for missing in self._missing():
            self._tell(missing.fault)
            yield missing
        self._position.unlink(missing_ok=True)

    def _look(self, name: str) -> Looked:
        size = self._vault.size(name) or 0
        try:
            state = self._register.recording(name).state
        except Refused:
            return Looked(name, size, Fault(name, Wrong.UNREGISTERED))
        if state is State.ERASED:
            return Looked(name, size, Fault(name, Wrong.ORPHANED))
        if state is State.ERASING:
            return Looked(name, size)  # its erasure goes on, and has alarms of its own
        verified = verify_recording(self._register, self._vault, self._keys, name)
        if verified.ok or self._vault.size(name) is None:  # it may have been erased meanwhile
            return Looked(name, size)
        return Looked(name, size, Fault(name, Wrong.DAMAGED, verified.reason))

    def _missing(self) -> Iterator[Looked]:
        """Every sealed recording of the register whose container is not there."""
        search = Search(states=frozenset({State.SEALED}), limit=_PAGE)
        while found := self._register.search(search):
            for each in found:
                id = each.recording.id
                if self._vault.size(id) is None and self._register.recording(id).state is State.SEALED:
                    yield Looked(id, 0, Fault(id, Wrong.MISSING))
            last = found[-1].recording
            search = Search(states=frozenset({State.SEALED}), limit=_PAGE, before=(last.created_at, last.id))

    def _tell(self, fault: Fault | None) -> None:
        if fault is not None and fault.wrong in (Wrong.DAMAGED, Wrong.MISSING):
            message = f"The container is {fault.wrong}. {fault.reason}".strip()
            self._register.raise_alarm(
                Alarm("recording-damaged", fault.recording, self._clock.now(), message)
            )

    def _remembered(self) -> str:
        try:
            return str(json.loads(self._position.read_bytes())["after"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _remember(self, name: str) -> None:
        replace_file(self._position, json.dumps({"after": name}).encode(), 0o600)
