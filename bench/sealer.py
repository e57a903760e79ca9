"""The sealing path without a PBX: real sealer, register, vault and spool, and legs that the bench grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from asterisk_gdpr.adapters.register import open_register, upgrade
from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.config import load_policy
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.ports import CallRow, Evidence, Legs, Register, Spool, Vault
from asterisk_gdpr.rig.sound import RATE, Samples
from asterisk_gdpr.seal.keys import VaultPrivateKey, VaultPublicKey
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.sealing.job import SAMPLE, SEGMENT_SECONDS
from asterisk_gdpr.service.sealing.manifests import describe
from asterisk_gdpr.service.sealing.sealing import Sealing
from bench.house import NODE, POLICY

SEGMENT_BYTES = SEGMENT_SECONDS * RATE * SAMPLE
"""Of each leg."""

FACTS = {
    "language": "en",
    "notice": [{"id": "statement", "sha256": "ab" * 32, "heard": True}],
    "keys": [],
    "said": ["agreed"],
}
"""The facts of a choice, as a manifest needs them."""


class BenchClock:
    """The machine's time; or, once it stands, that instant and what the bench lets pass by."""

    def __init__(self) -> None:
        self.passed = timedelta()
        self._stands: datetime | None = None

    def stand(self) -> None:
        """Stand still from now on, but for `passed`."""
        self._stands = datetime.now(UTC)

    def now(self) -> datetime:
        """The time in UTC."""
        return (self._stands or datetime.now(UTC)) + self.passed


@dataclass(frozen=True)
class Growing:
    """A recording that is being captured."""

    recording: str
    legs: Legs

    def grow(self, left: bytes, right: bytes) -> None:
        """Write as Asterisk does: to each leg in turn, at its end."""
        for path, data in ((self.legs.left, left), (self.legs.right, right)):
            with Path(path).open("ab") as leg:
                leg.write(data)


class Sealer:
    """The sealer of one node, and the book-keeping of the calls that it seals."""

    def __init__(
        self,
        register: Register,
        vault: Vault,
        spool: Spool,
        keys: tuple[VaultPublicKey, SigningKey],
        policy: Policy,
    ) -> None:
        self.register, self.vault, self.spool, self.clock = register, vault, spool, BenchClock()
        self.policy = policy
        self.signing_key = keys[1]
        self.sealing = Sealing(register, vault, spool, *keys, partial(describe, register), self.clock, NODE)

    def take_call(self) -> str:
        """A call that has been taken, and has agreed."""
        call, now = new_id("c"), self.clock.now()
        self.register.add_call(CallRow(call, call, call, "sales", "en", NODE, self.policy.version, now))
        self.register.commit_choice(Evidence(call, now, "agreed", FACTS))
        return call

    def begin(self, call: str) -> Growing:
        """Its recording, which has been prepared, and whose capture runs."""
        recording, now = new_id("r"), self.clock.now()
        legs = self.sealing.prepare(recording, call, "sales", self.policy, ["quality"], RATE)
        self.sealing.note(recording, lambda notes: notes.begin_stretch(1, now))
        return Growing(recording, legs)

    def seal(self, left: Samples, right: Samples) -> str:
        """A recording of this sound, sealed from its first to its last second."""
        growing = self.begin(self.take_call())
        growing.grow(left.tobytes(), right.tobytes())
        self.finish([growing])
        return growing.recording

    def finish(self, recordings: list[Growing]) -> None:
        """Seal all that has grown, segment by segment of each in turn as the daemon does, and close them."""
        lengths = [self.spool.length(growing.legs) or 0 for growing in recordings]
        for _ in range(max(lengths) // SEGMENT_BYTES):
            for _, error in self.sealing.tick():
                raise error
        for growing in recordings:
            self.sealing.close(growing.recording, self.clock.now())


@contextmanager
def sealer_in(folder: Path, spool: Path, vault: Vault | None = None) -> Iterator[Sealer]:
    """A sealer whose register lies in `folder`, and its containers too if no vault is given."""
    (folder / "policy.yaml").write_text(POLICY)
    url = f"sqlite:///{folder}/register.db"
    upgrade(url)
    register = open_register(url)
    public = VaultPrivateKey.generate().public
    register.add_epoch(public.id, "MLKEM768_X25519", public.to_bytes(), datetime.now(UTC))
    try:
        yield Sealer(
            register,
            vault or FileVault.lay_out(folder / "vault"),
            FileSpool(spool),
            (public, SigningKey.generate()),
            load_policy(folder / "policy.yaml"),
        )
    finally:
        register.close()
