"""The vault's private key while it is open: in the memory of the page's process, and nowhere else.

The page starts locked. A person with the passphrase opens it; from then on recordings can be heard until
it is locked again or the process ends. Every opening, failed ones too, is in the ledger;
the passphrase is in no log, no error and no record.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallRow, Clock, HardwareToken, LedgerBook, RecorderRow, RecordingBook
from asterisk_gdpr.seal.errors import WrongPassphrase
from asterisk_gdpr.seal.keys import VaultPrivateKey, VaultPublicKey, data_key_info, field_info
from asterisk_gdpr.service.keys.vault_keys import Opened, open_private_keys, with_epochs
from asterisk_gdpr.service.people.throttle import Throttle

_NUMBER_LENGTH = 32
"""A sealed number is padded to this, so that its length does not tell a country or an extension."""

_FILE_LENGTH = 256
"""A sealed file's name is padded to a multiple of this."""


class Book(RecordingBook, LedgerBook, Protocol):
    """What the keeper needs of the register."""


class VaultLocked(Refused):
    """No private key is at hand that could open this."""

    default_id = "vault-locked"

    def __init__(self) -> None:
        super().__init__("The vault is locked.", hint="Someone with its passphrase must unlock it first.")


class Keeper:
    """Holds the private keys of the living epochs while the vault is unlocked.

    `documents` returns the key files' contents, as `seal.passphrase`, `seal.token_file` and `seal.epochs`
    wrote them; with a `token` its PIN may stand in the passphrase's place.
    An epoch that began elsewhere meanwhile is opened when something of it is asked for.
    """

    def __init__(
        self,
        register: Book,
        documents: Callable[[], Sequence[bytes]],
        clock: Clock,
        token: HardwareToken | None = None,
    ) -> None:
        self._register = register
        self._documents = documents
        self._clock = clock
        self._token = token
        self._opened = Opened()
        # Each guess costs 128 MiB for half a second on the machine that carries the calls: one at a time.
        self._one_guess = threading.Lock()
        self._by_person = Throttle(clock, limit=5, window=timedelta(minutes=15))
        self._by_address = Throttle(clock, limit=10, window=timedelta(minutes=15))

    @property
    def unlocked(self) -> bool:
        """Whether recordings can be opened now."""
        return bool(self._opened)

    def keys(self) -> Mapping[str, VaultPrivateKey]:
        """The private keys of every epoch that is here, by id; raises Refused `vault-locked`."""
        self._look_again()
        return self._opened.keys

    def unlock(self, passphrase: str, *, by: str, address: str = "") -> None:
        """Open every key file that this passphrase opens; at least one must be.

        Raises Refused: `wrong-passphrase`, `too-many-attempts`, `vault-unconfigured`;
        or Damaged when a key file is not what was written.
        """
        self._by_person.spend(by)
        self._by_address.spend(address)
        documents = self._documents()
        if not documents:
            raise Refused(
                "There is no key file of the vault here.",
                hint="Run `asterisk-gdpr init`, or restore the file from its escrow copy.",
                id="vault-unconfigured",
            )
        with self._one_guess:
            opened = open_private_keys(documents, passphrase, self._token)
        if not opened:
            self._register.record("unlock-failed", {"user": by}, self._clock.now())
            raise WrongPassphrase("This is not the passphrase of the vault.")
        self._register.record("unlocked", {"user": by}, self._clock.now())
        self._by_person.forgive(by)
        self._opened = opened

    def lock(self, *, by: str) -> None:
        """Forget the private keys; what is locked already stays so."""
        if self._opened:
            self._opened = Opened()
            self._register.record("locked", {"user": by}, self._clock.now())

    def data_key(self, recording: str, generation: int) -> bytes:
        """Unwrap the data key (32 bytes) of one generation; raises Refused `vault-locked` or `erased`."""
        if not self._opened:
            raise VaultLocked
        wrapped = next((key for key in self._register.keys(recording) if key.generation == generation), None)
        if wrapped is None:
            raise Refused("The key of this recording has been destroyed.", id="erased")
        private = self._key_of(wrapped.epoch)
        if private is None:
            raise Refused(
                f"The private key of the epoch {wrapped.epoch} is not here, or not for this passphrase.",
                hint="Restore its file, or recover it by the escrow key: `asterisk-gdpr keys recover`.",
                id="epoch-key-missing",
            )
        return private.unwrap(wrapped.wrapped, data_key_info(recording, generation))

    def open_caller(self, call: CallRow) -> str | None:
        """Return the caller's number in E.164; None when it was withheld, is gone, or the vault is locked."""
        if call.caller_sealed is None or call.caller_epoch is None or not self._opened:
            return None
        private = self._key_of(call.caller_epoch)
        return None if private is None else _open_number(private, call.id, call.caller_sealed)

    def open_file(self, row: RecorderRow) -> str | None:
        """Return where another recorder writes to; None when that is not known, is gone, or does not open."""
        private = self._key_of(row.epoch) if row.sealed is not None and self._opened else None
        return None if private is None else open_file(private, row)

    def _key_of(self, epoch: str) -> VaultPrivateKey | None:
        if epoch not in self._opened.keys:
            self._look_again()
        return self._opened.keys.get(epoch)

    def _look_again(self) -> None:
        """Open what was put there since; an epoch that was destroyed is forgotten."""
        held = self._opened
        if not held:
            raise VaultLocked
        self._opened = with_epochs(held.recipients, self._documents())


@dataclass(frozen=True)
class SealedNumber:
    """A caller's number as the register keeps it: sealed, its blind index, and the epoch it is sealed to."""

    sealed: bytes
    index: bytes
    epoch: str


def seal_number(vault: VaultPublicKey, call: str, number: str) -> bytes:
    """Seal a caller's number (E.164) for the row of its call; only `Keeper.open_caller` opens it again."""
    return vault.seal(number.encode("ascii").ljust(_NUMBER_LENGTH, b"\0"), _place(call))


def seal_never(vault: VaultPublicKey, entry: str, number: str) -> bytes:
    """Seal a number (E.164) for its row of the never list."""
    return vault.seal(
        number.encode("ascii").ljust(_NUMBER_LENGTH, b"\0"), field_info("nevers", "number", entry)
    )


def seal_file(vault: VaultPublicKey, row: str, file: str) -> bytes:
    """Seal where another recorder writes to, for its row; the length tells no number."""
    text = file.encode("utf-8", "replace")
    return vault.seal(text.ljust(-(-len(text) // _FILE_LENGTH) * _FILE_LENGTH, b"\0"), _file_place(row))


def open_file(private: VaultPrivateKey, row: RecorderRow) -> str | None:
    """Open it again; None for what is not there or does not open."""
    if row.sealed is None:
        return None
    try:
        return private.open(row.sealed, _file_place(row.id)).rstrip(b"\0").decode("utf-8", "replace")
    except Refused:
        return None


def _file_place(row: str) -> bytes:
    return field_info("recorders", "file", row)


def _open_number(private: VaultPrivateKey, call: str, sealed: bytes) -> str | None:
    try:
        return private.open(sealed, _place(call)).rstrip(b"\0").decode("ascii")
    except Refused:
        return None


def _place(call: str) -> bytes:
    return field_info("calls", "caller", call)
