"""A vault whose key is changed: real keys and files, any kind of register, a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from asterisk_gdpr.core.epoch import Epoch, Recipient, Role
from asterisk_gdpr.core.recording import Term
from asterisk_gdpr.ports import Register
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey, data_key_info, new_data_key
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.epochs import Epochs, begin_epoch
from asterisk_gdpr.service.keys.keeper import seal_number
from asterisk_gdpr.service.keys.key_files import KeyFolder, Kind, key_text
from asterisk_gdpr.service.keys.vault_keys import current_public_key, with_epochs
from tests.erasure.stage import Fuse, HandClock
from tests.register import samples

LIFE = timedelta(days=30)
NUMBER = "+4930901820"
signer = SigningKey.generate()


@dataclass
class Place:
    """What stands while processes come and go; `data_keys` are what must open again."""

    folder: Path
    register: Register
    clock: HandClock = field(default_factory=HandClock)
    data_keys: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys, self.escrow = KeyFolder(self.folder / "keys"), [self.folder / "one", self.folder / "two"]
        for folder in (self.keys.path, *self.escrow):
            folder.mkdir()
        self.files = EpochFiles(self.keys, self.escrow)
        self.private = {role: VaultPrivateKey.generate() for role in Role}
        for role, private in self.private.items():
            public = private.public
            self.register.add_recipient(
                Recipient(role, role, ALGORITHM, public.id, public.to_bytes(), self.clock.now())
            )
            text = key_text(Kind.RECIPIENT, public.to_bytes())
            self.keys.recipient_public(role).write_bytes(text)
        self.first = begin_epoch(self.register, self.files, self.clock, signer)

    def begin(self) -> Epoch:
        """Another epoch, as a change of the key begins it."""
        return begin_epoch(self.register, self.files, self.clock, signer)

    def opened(self, role: Role = Role.PAGE) -> Mapping[str, VaultPrivateKey]:
        """What a recipient can open of the files that are there now."""
        folders = self.files.folders(role)
        documents = [path.read_bytes() for folder in folders for path in folder.glob("epoch-*.json")]
        return with_epochs([self.private[role]], documents).keys

    def process(
        self,
        fuse: Fuse | None = None,
        *,
        batch: int = 2,
        alone: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> Epochs:
        """A new process that changes the key."""
        register, files = (
            (fuse.lay(self.register), fuse.lay(self.files)) if fuse else (self.register, self.files)
        )
        return Epochs(register, files, signer, self.clock, self.opened, life=LIFE, alone=alone, batch=batch)

    def record(self, id: str, *terms: Term) -> str:
        """A sealed recording of a caller, both sealed to the current epoch."""
        public = current_public_key(self.register, signer.verify_key)
        sealed = seal_number(public, f"c{id}", NUMBER)
        self.register.add_call(
            samples.call(
                f"c{id}", caller_sealed=sealed, caller_epoch=public.id, caller_index=samples.number_index
            )
        )
        made = samples.recording(f"r{id}", f"c{id}")
        key = new_data_key()
        wrapped = public.wrap(key, data_key_info(made.id, 1))
        row = replace(samples.key(made.id, wrapped=wrapped), epoch=public.id)
        self.register.add_recording(made, row, terms or (samples.term(made.id),), samples.progress(made.id))
        self.register.commit_progress([(samples.progress(made.id, 40_000), self.clock.now())])
        self.register.seal_recording(samples.progress(made.id, 40_000), self.clock.now())
        self.data_keys[made.id] = key
        return made.id

    def assert_opens(self, *, epoch: str) -> None:
        """Every recording and every number opens under this epoch, and by escrow too."""
        for role in Role:
            private = self.opened(role)[epoch]
            for recording, data_key in self.data_keys.items():
                (row,) = self.register.keys(recording)
                assert row.epoch == epoch
                assert private.unwrap(row.wrapped, data_key_info(recording, 1)) == data_key

    @contextmanager
    def escrow_away(self) -> Iterator[None]:
        """The second folder for escrow copies is not mounted."""
        self.escrow[1].rename(self.folder / "away")
        try:
            yield
        finally:
            (self.folder / "away").rename(self.escrow[1])
