"""The vault's keys as they are come by: public from the register, private from files and a passphrase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import EpochBook, HardwareToken, WrongPin
from asterisk_gdpr.seal.epochs import is_epoch_file, open_epoch, read_epoch_file
from asterisk_gdpr.seal.errors import DamagedKey, WrongPassphrase
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey, VaultPublicKey
from asterisk_gdpr.seal.passphrase import key_id_of as key_id_in
from asterisk_gdpr.seal.passphrase import unlock
from asterisk_gdpr.seal.token_file import is_token_file, open_token_file, read_token_file


@dataclass(frozen=True)
class Opened:
    """Private keys in memory: those of recipients, and by id every key that something is sealed to."""

    recipients: tuple[VaultPrivateKey, ...] = ()
    keys: dict[str, VaultPrivateKey] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.recipients)


def open_private_keys(
    documents: Sequence[bytes], passphrase: str, token: HardwareToken | None = None
) -> Opened:
    """Everything that a passphrase opens, or the PIN of the token; nothing when it opens no key.

    Raises Damaged for a broken file, and what the token raises.
    """
    tried = [_try(document, passphrase, token) for document in documents if not is_epoch_file(document)]
    return with_epochs(tuple(key for key in tried if key is not None), documents)


def with_epochs(recipients: Sequence[VaultPrivateKey], documents: Iterable[bytes]) -> Opened:
    """What these recipients open of the epochs' files; files for others are left alone."""
    by_id = {key.public.id: key for key in recipients}
    keys = dict(by_id)
    for document in documents:
        if is_epoch_file(document):
            file = read_epoch_file(document)
            if file.recipient in by_id:
                keys[file.epoch] = open_epoch(document, by_id[file.recipient])
    return Opened(tuple(recipients), keys)


def current_public_key(register: EpochBook) -> VaultPublicKey:
    """The current epoch's; Refused (`no-epoch`, `unknown-algorithm`) or DamagedKey with its id.

    Whoever cannot have it seals nothing, so nothing is recorded.
    """
    epochs = register.epochs()
    if not epochs:
        raise Refused(
            "The register knows no vault key, so nothing can be sealed.",
            hint="Run `asterisk-gdpr init` again.",
            id="no-epoch",
        )
    return public_key(epochs[-1].id, epochs[-1].algorithm, epochs[-1].public)


def public_key(id: str, algorithm: str, encoded: bytes) -> VaultPublicKey:
    """A public key as the register has it; one that is not what its id says is damaged."""
    if algorithm != ALGORITHM:
        raise Refused(
            f"The vault key {id} is one of the algorithm {algorithm}, which this program does not know.",
            id="unknown-algorithm",
        )
    try:
        key = VaultPublicKey.from_bytes(encoded)
    except DamagedKey as damage:
        raise DamagedKey(f"The public key {id} in the register is damaged: {damage.message}") from None
    if key.id != id:
        raise DamagedKey(f"The public key {id} in the register is damaged: it is that of {key.id}.")
    return key


def key_id_of(document: bytes) -> str:
    """The id of the private key in a recipient's file, whatever protects it; raises as its kind does."""
    return read_token_file(document).key_id if is_token_file(document) else key_id_in(document)


def _try(document: bytes, passphrase: str, token: HardwareToken | None) -> VaultPrivateKey | None:
    """Open one key file, or say that the passphrase is not its own (an empty one never is)."""
    if not passphrase:
        return None
    if is_token_file(document):
        return _by_token(document, passphrase, token)
    try:
        return unlock(document, passphrase)
    except WrongPassphrase:
        return None


def _by_token(document: bytes, pin: str, token: HardwareToken | None) -> VaultPrivateKey | None:
    file = read_token_file(document)
    if token is None:
        raise Refused(
            f"The page's private key lies under the token {file.token!r}, which the configuration lacks.",
            hint="Write `token:` into it.",
            id="no-token",
        )
    try:
        return open_token_file(file, token.unwrap(pin, file.wrapped))
    except WrongPin:
        return None
