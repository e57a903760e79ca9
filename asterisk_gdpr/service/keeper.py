"""The vault's private key while it is open: in the memory of the page's process, and nowhere else.

The page starts locked. A person with the passphrase opens it; from then on recordings can be heard until
it is locked again or the process ends. Every opening, failed ones too, is in the ledger;
the passphrase is in no log, no error and no record.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallRow, Clock, LedgerBook, RecordingBook
from asterisk_gdpr.seal.errors import WrongPassphrase
from asterisk_gdpr.seal.keys import VaultPrivateKey, VaultPublicKey, data_key_info, field_info
from asterisk_gdpr.seal.passphrase import unlock
from asterisk_gdpr.service.throttle import Throttle

_NUMBER_LENGTH = 32
"""A sealed number is padded to this, so that its length does not tell a country or an extension."""


class Book(RecordingBook, LedgerBook, Protocol):
    """What the keeper needs of the register."""


class VaultLocked(Refused):
    """No private key is at hand that could open this."""

    default_id = "vault-locked"

    def __init__(self) -> None:
        super().__init__("The vault is locked.", hint="Someone with its passphrase must unlock it first.")


class Keeper:
    """Holds the private keys of the living epochs while the vault is unlocked.

    `documents` returns the key files' contents as `seal.passphrase.protect` wrote them.
    """

    def __init__(self, register: Book, documents: Callable[[], Sequence[bytes]], clock: Clock) -> None:
        self._register = register
        self._documents = documents
        self._clock = clock
        self._keys: dict[str, VaultPrivateKey] = {}
        # Each guess costs 128 MiB for half a second on the machine that carries the calls: one at a time.
        self._one_guess = threading.Lock()
        self._by_person = Throttle(clock, limit=5, window=timedelta(minutes=15))
        self._by_address = Throttle(clock, limit=10, window=timedelta(minutes=15))

    @property
    def unlocked(self) -> bool:
        """Whether recordings can be opened now."""
        return bool(self._keys)

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
            keys = [key for key in (_try(document, passphrase) for document in documents) if key]
        if not keys:
            self._register.record("unlock-failed", {"user": by}, self._clock.now())
            raise WrongPassphrase("This is not the passphrase of the vault.")
        self._register.record("unlocked", {"user": by}, self._clock.now())
        self._by_person.forgive(by)
        self._keys = {key.public.id: key for key in keys}

    def lock(self, *, by: str) -> None:
        """Forget the private keys; what is locked already stays so."""
        if self._keys:
            self._keys = {}
            self._register.record("locked", {"user": by}, self._clock.now())

    def data_key(self, recording: str, generation: int) -> bytes:
        """Unwrap the data key (32 bytes) of one generation; raises Refused `vault-locked` or `erased`."""
        keys = self._keys
        if not keys:
            raise VaultLocked
        wrapped = next((key for key in self._register.keys(recording) if key.generation == generation), None)
        if wrapped is None:
            raise Refused("The key of this recording has been destroyed.", id="erased")
        private = keys.get(wrapped.epoch)
        if private is None:
            raise VaultLocked
        return private.unwrap(wrapped.wrapped, data_key_info(recording, generation))

    def open_caller(self, call: CallRow) -> str | None:
        """Return the caller's number in E.164; None when it was withheld, is gone, or the vault is locked."""
        if call.caller_sealed is None:
            return None
        # The row does not say which epoch sealed it; there are one or two, and a wrong one refuses.
        for private in self._keys.values():
            number = _open_number(private, call.id, call.caller_sealed)
            if number is not None:
                return number
        return None


def seal_number(vault: VaultPublicKey, call: str, number: str) -> bytes:
    """Seal a caller's number (E.164) for the row of its call; only `Keeper.open_caller` opens it again."""
    return vault.seal(number.encode("ascii").ljust(_NUMBER_LENGTH, b"\0"), _place(call))


def _open_number(private: VaultPrivateKey, call: str, sealed: bytes) -> str | None:
    try:
        return private.open(sealed, _place(call)).rstrip(b"\0").decode("ascii")
    except Refused:
        return None


def _place(call: str) -> bytes:
    return field_info("calls", "caller", call)


def _try(document: bytes, passphrase: str) -> VaultPrivateKey | None:
    """Open one key file, or say that the passphrase is not its own (an empty one never is)."""
    if not passphrase:
        return None
    try:
        return unlock(document, passphrase)
    except WrongPassphrase:
        return None
