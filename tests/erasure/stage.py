"""A house in which recordings are erased: register, vault and spool, a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.core.recording import Recording, State, Term
from asterisk_gdpr.ports import Register
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.erasing.destruction import Destruction
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.proof.certificates import read_certificate
from tests.fakes.register import MemoryRegister
from tests.fakes.vault import MemoryVault
from tests.register.samples import noon, number_index, prepare, seal

signer = SigningKey.generate()


@dataclass
class HandClock:
    """Plays `ports.Clock`."""

    time: datetime = noon

    def now(self) -> datetime:
        return self.time


class Killed(BaseException):
    """The process is gone: no handler of the product may catch this."""


class Fuse:
    """Counts what the product asks of its parts, and kills it before or after the n-th deed."""

    def __init__(self, burns_at: int) -> None:
        self._left = burns_at

    def burn(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed

    def lay(self, part: Any) -> Any:
        """The same part, with the fuse before and after everything that it does."""
        return _Fused(part, self)

    def lay_in(self, patch: pytest.MonkeyPatch, module: ModuleType, *names: str) -> None:
        """The same for functions that a module calls by these names."""
        fused = _Fused(SimpleNamespace(**{name: getattr(module, name) for name in names}), self)
        for name in names:
            patch.setattr(module, name, getattr(fused, name))


class _Fused:
    def __init__(self, part: Any, fuse: Fuse) -> None:
        self._part = part
        self._fuse = fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def deed(*args: Any, **named: Any) -> Any:
            self._fuse.burn()
            result = getattr(self._part, name)(*args, **named)
            self._fuse.burn()
            return result

        return deed


@dataclass
class House:
    """What stands while processes come and go."""

    folder: Path
    register: Register = field(default_factory=MemoryRegister)
    vault: MemoryVault = field(default_factory=MemoryVault)
    clock: HandClock = field(default_factory=HandClock)
    capturing: set[str] = field(default_factory=set)
    stoppable: bool = True

    def __post_init__(self) -> None:
        self.spool = FileSpool(self.folder)

    def erasure(
        self,
        fuse: Fuse | None = None,
        *,
        batch: int = 100,
        ask_above: float = 1.0,
        believed: Callable[[], bool] = lambda: True,
        node: str = "",
    ) -> Erasure:
        """A new process that erases."""
        parts = (self.register, self.vault, self.spool)
        register, vault, spool = map(fuse.lay, parts) if fuse else parts
        destruction = Destruction(
            register, vault, spool, signer, self.clock, self.hand_over, batch=batch, node=node
        )
        return Erasure(register, destruction, self.clock, ask_above=ask_above, believed=believed)

    def hand_over(self, recording: Recording) -> bool:
        """What the daemon gives: nothing captures afterwards, if it can be had."""
        if self.stoppable:
            self.capturing.discard(recording.id)
        return recording.id not in self.capturing

    def sealed(self, id: str = "1", *terms: Term, caller_index: bytes = number_index) -> str:
        """A recording that is sealed, with its container."""
        made = seal(self.register, id, *terms, caller_index=caller_index)
        self.vault.append(made, 0, b"sealed audio")
        return made

    def running(self, id: str = "1", *terms: Term) -> str:
        """A recording of a call that goes on, with plaintext in the spool."""
        made = prepare(self.register, id, *terms)
        self.vault.append(made, 0, b"sealed audio")
        legs = self.spool.prepare(made, 1, 8000)
        Path(legs.left).write_bytes(b"what was just said")
        self.capturing.add(made)
        return made

    def pass_time(self, days: float) -> None:
        self.clock.time += timedelta(days=days)

    def kinds(self, recording: str) -> list[str]:
        """What the ledger was told of a recording, in order."""
        return [
            entry.kind
            for entry in self.register.entries()
            if entry.payload and entry.payload.get("recording") == recording
        ]

    def assert_erased(self, recording: str) -> None:
        """Nothing is left but the proof, and there is one proof."""
        assert self.register.recording(recording).state is State.ERASED
        assert self.register.keys(recording) == []
        assert self.register.found(recording).call.caller_sealed is None
        assert self.vault.size(recording) is None
        assert self.spool.find(recording) == []
        assert recording not in self.capturing
        body = read_certificate(self.register.certificate(recording) or b"", [signer.verify_key])
        assert body["recording"] == recording
        told = self.kinds(recording)
        for kind in ("tombstone-set", "keys-destroyed", "recording-erased"):
            assert told.count(kind) == 1
        assert self.register.alarms() == []
