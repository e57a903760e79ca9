"""One recording between Asterisk, the sealer and the vault, all in memory, that can be killed anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np

from asterisk_gdpr.core.policy import Approval, Asking, Basis, Controller, Line, Period, Policy, Purpose, Unit
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import CallRow, Evidence, Legs
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info
from asterisk_gdpr.seal.manifest import Manifest
from asterisk_gdpr.seal.reader import compare_manifest, open_manifest, open_segment_at, scan, verify
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.sealing.audio import decode
from asterisk_gdpr.service.sealing.manifests import describe
from asterisk_gdpr.service.sealing.sealing import Sealing
from tests.fakes.register import MemoryRegister
from tests.fakes.spool import MemorySpool
from tests.fakes.vault import MemoryVault

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = 16_000
"""Bytes of one second of a leg."""
BLOCK = 32_768
"""Bytes that Asterisk writes at once."""
PRIVATE = VaultPrivateKey.generate()
SIGNING = SigningKey.generate()
POLICY = Policy(
    controller=Controller("Example Energy", "privacy@example.com", "https://example.com/calls"),
    pack="eu",
    approval=Approval("Example Person", date(2026, 11, 1)),
    purposes={
        "quality": Purpose(
            "quality",
            Basis.CONSENT,
            Asking.OPT_IN,
            Period(90, Unit.DAYS),
            frozenset({"quality"}),
            {"en": "check our service"},
        )
    },
    lines={"sales": Line("sales", ("quality",))},
    version="5f6c" * 16,
)


class Killed(BaseException):
    """The process is gone; nothing of it may clean up behind it."""


@dataclass
class Fate:
    """When the process is killed: at the `after`-th thing that it asks of the world; None never."""

    after: int | None = None
    done: bool = True
    """Whether that last thing was still done; an append that was not is torn in the middle."""

    def strikes(self) -> bool:
        if self.after is None:
            return False
        self.after -= 1
        return self.after < 0


class Mortal:
    """Something of the world, as a process that may be killed sees it."""

    def __init__(self, thing: Any, fate: Fate) -> None:
        self._thing = thing
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._thing, name)
        if not callable(act):
            return act
        return partial(self._do, name, act)

    def _do(self, name: str, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
        if not self._fate.strikes():
            return act(*args, **more)
        if self._fate.done:
            act(*args, **more)
        elif name == "append":
            container, at, data = args
            act(container, at, data[: len(data) // 2])
        raise Killed


@dataclass
class HandClock:
    time: datetime = NOON

    def now(self) -> datetime:
        return self.time


@dataclass
class Stage:
    """`heard` is what Asterisk has written of each leg so far."""

    id: str = "r234567abcdefghij"
    register: MemoryRegister = field(default_factory=MemoryRegister)
    vault: MemoryVault = field(default_factory=MemoryVault)
    spool: MemorySpool = field(default_factory=MemorySpool)
    clock: HandClock = field(default_factory=HandClock)
    fate: Fate = field(default_factory=Fate)
    heard: list[bytes] = field(default_factory=lambda: [b"", b""])
    payloads: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        row = CallRow("c1", "chan-1", "chan-1", "sales", "en", "node1", POLICY.version, NOON)
        self.register.add_call(row)
        part = {"id": "statement", "sha256": "ab" * 32, "heard": True}
        facts = {"language": "en", "notice": [part], "keys": []}
        self.register.commit_choice(Evidence("c1", NOON, "not_objected", facts))
        self.sealing = self._born()
        self._noise = np.random.default_rng(1)

    def _born(self) -> Sealing:
        mortal = partial(Mortal, fate=self.fate)
        return Sealing(
            mortal(self.register),
            mortal(self.vault),
            mortal(self.spool),
            PRIVATE.public,
            SIGNING,
            partial(describe, self.register),
            self.clock,
            "node1",
        )

    def prepare(self, policy: Policy = POLICY) -> Legs:
        self.legs = self.sealing.prepare(self.id, "c1", "sales", policy, sorted(policy.purposes), 8000)
        at = self.clock.now()
        self.sealing.note(self.id, lambda notes: notes.begin_stretch(1, at))
        return self.legs

    def restart(self) -> None:
        """A new life of the process, as the daemon begins it."""
        self.fate.after = None
        self.sealing = self._born()
        for row in self.register.unfinished("node1"):
            self.sealing.resume(row)
        self.sealing.tidy()

    def power_cut(self) -> None:
        """What was in memory is gone."""
        self.spool.lose()
        self.heard = [self.heard[side][: self.committed] for side in (0, 1)]

    @property
    def committed(self) -> int:
        return self.register.progress(self.id).consumed

    def grow(self, left: int, right: int | None = None) -> None:
        """So many bytes more of noise in each leg, in no time."""
        grown = [self._noise.bytes(length) for length in (left, left if right is None else right)]
        self.heard = [before + more for before, more in zip(self.heard, grown, strict=True)]
        if self.legs.left in self.spool.legs:
            self.spool.grow(self.legs, *grown)

    def talk(self, seconds: float) -> None:
        """A talk as Asterisk writes it, with looks and ticks as the daemon has them."""
        waiting = 0
        for quarter in range(round(seconds * 4)):
            self.pass_by(0.25)
            waiting += SECOND // 4
            if waiting >= BLOCK:
                self.grow(BLOCK)
                waiting -= BLOCK
            self.sealing.look()
            if quarter % 4 == 3:
                assert self.sealing.tick() == []
        self.grow(waiting)

    def pass_by(self, seconds: float) -> None:
        self.clock.time += timedelta(seconds=seconds)

    def close(self) -> bool:
        return self.sealing.close(self.id, self.clock.now())

    @property
    def state(self) -> State:
        return self.register.recording(self.id).state

    def expected(self) -> bytes:
        """What was heard, left and right in turn, the shorter leg followed by silence."""
        length = max(map(len, self.heard))
        length -= length % 2
        legs = [np.frombuffer(leg[:length].ljust(length, b"\0"), "<i2") for leg in self.heard]
        return np.column_stack(legs).tobytes()

    def opened(self) -> tuple[bytes, Manifest]:
        """The audio and the manifest of the closed container, after every proof that there is."""
        size = self.vault.size(self.id)
        assert size is not None
        read = partial(self.vault.read, self.id)
        verdict = verify(read, size, [SIGNING.verify_key])
        assert verdict.complete
        keys = {
            key.generation: PRIVATE.unwrap(key.wrapped, data_key_info(self.id, key.generation))
            for key in self.register.keys(self.id)
        }
        found = scan(read, size)
        assert found.manifest is not None
        manifest = open_manifest(read, found, keys[found.manifest.generation])
        compare_manifest(verdict, manifest)
        opened = [open_segment_at(read, found, at, keys[at.generation]) for at in found.segments]
        self.payloads = opened
        parts = [decode(payload, found.header.codec)[0] for payload in opened]
        return b"".join(parts), manifest


class Balky(MemoryRegister):
    """A register that takes a commit and then cannot say so, as a connection that breaks does."""

    mute = False

    def commit_progress(self, batch: Any) -> None:
        super().commit_progress(batch)
        self._say()

    def seal_recording(
        self, progress: Any, ended_at: datetime, peaks: bytes = b"", manifest: str = ""
    ) -> None:
        super().seal_recording(progress, ended_at, peaks, manifest)
        self._say()

    def _say(self) -> None:
        if self.mute:
            raise Unreachable("The register does not answer.", id="register-unreachable")
