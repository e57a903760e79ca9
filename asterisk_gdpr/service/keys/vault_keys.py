"""The vault's keys as they are come by: public from the register, private from files and a passphrase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asterisk_gdpr.core.epoch import Epoch, current
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import EpochBook, HardwareToken, WrongPin
from asterisk_gdpr.seal.epochs import is_epoch_file, open_epoch, read_epoch_file
from asterisk_gdpr.seal.errors import DamagedKey, WrongPassphrase
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey, VaultPublicKey
from asterisk_gdpr.seal.passphrase import key_id_of as key_id_in
from asterisk_gdpr.seal.passphrase import unlock
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.seal.token_file import is_token_file, open_token_file, read_token_file
from asterisk_gdpr.seal.vouchers import is_vouched_for, vouch

STRANGE = "strange-epoch"


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


def current_public_key(register: EpochBook, vouching: VerifyKey) -> VaultPublicKey:
    """The current epoch's; Refused (`no-epoch`, `unknown-algorithm`, `strange-epoch`) or DamagedKey.

    `vouching` is the public half of the installation's signing key: what it has not signed is not ours.

    Whoever cannot have it seals nothing, so nothing is recorded.
    """
    epochs = register.epochs()
    if not epochs:
        raise Refused(
            "The register knows no vault key, so nothing can be sealed.",
            hint="Run `asterisk-gdpr init` again.",
            id="no-epoch",
        )
    return vouched_key(epochs[-1], vouching)


def vouched_key(epoch: Epoch, vouching: VerifyKey) -> VaultPublicKey:
    """An epoch's public key, if the installation has given its word for it.

    Raises as `current_public_key`.
    """
    key = public_key(epoch.id, epoch.algorithm, epoch.public)
    if not _is_ours(epoch, vouching):
        raise Refused(
            f"The register names an epoch {epoch.id} of the vault's key that this installation did not make: "
            "nothing is sealed to it.",
            hint="Look who wrote that, then run `asterisk-gdpr keys reject`, which keeps what was made here.",
            id=STRANGE,
        )
    return key


def strange_epochs(epochs: Sequence[Epoch], vouching: VerifyKey) -> list[Epoch]:
    """Those without the installation's word, of the living ones and the one that all is to be sealed to.

    Epochs that were destroyed before there were vouchers have none, and nothing is sealed to them.
    """
    newest = current(epochs)
    asked = [each for each in epochs if each.destroyed_at is None or each is newest]
    return [each for each in asked if not _is_ours(each, vouching)]


def _is_ours(epoch: Epoch, vouching: VerifyKey) -> bool:
    began = to_text(epoch.began_at)
    return is_vouched_for(epoch.voucher, epoch.id, epoch.algorithm, epoch.public, began, vouching)


def voucher_of(epoch: Epoch, signer: SigningKey) -> bytes:
    """The installation's word for an epoch."""
    return vouch(epoch.id, epoch.algorithm, epoch.public, to_text(epoch.began_at), signer)


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
