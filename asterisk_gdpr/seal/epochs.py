"""An epoch's private key at rest: sealed to a recipient, who has a key pair of the same kind.

The recipient's own private key lies elsewhere: under a passphrase, or in a token. So a new epoch can be
made for every recipient by whoever has their public keys, and none of them need be there.
The document is canonical JSON and one newline, and carries a plain SHA-256 of its other fields: it tells
a damaged file from one that was sealed to somebody else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from asterisk_gdpr.seal.canonical import NotCanonical, canonical, parse_canonical
from asterisk_gdpr.seal.errors import CannotOpen, DamagedKey, UnknownVersion, WrongKind
from asterisk_gdpr.seal.evidence import decode_hex
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey, VaultPublicKey, epoch_info

KIND = "vault_epoch_key"
VERSION = 1
MAX_DOCUMENT = 8192

_FIELDS = {"kind", "version", "algorithm", "epoch", "recipient", "created_at", "sealed", "sha256"}


@dataclass(frozen=True)
class EpochFile:
    """What a document says of itself: whose key it holds (`epoch`), and who can open it (`recipient`)."""

    epoch: str
    recipient: str
    sealed: bytes


def seal_epoch(private: VaultPrivateKey, recipient: VaultPublicKey, *, created_at: str) -> bytes:
    """Return an epoch's private key as a document that only the recipient opens."""
    info = epoch_info(private.public.id, recipient.id)
    document: dict[str, object] = {
        "kind": KIND,
        "version": VERSION,
        "algorithm": ALGORITHM,
        "epoch": private.public.id,
        "recipient": recipient.id,
        "created_at": created_at,
        "sealed": recipient.seal(private.to_bytes(), info).hex(),
    }
    document["sha256"] = hashlib.sha256(canonical(document)).hexdigest()
    return canonical(document) + b"\n"


def read_epoch_file(document: bytes) -> EpochFile:
    """Return what a document says of itself; raises WrongKind, DamagedKey or UnknownVersion."""
    if len(document) > MAX_DOCUMENT:
        raise WrongKind(f"The file of an epoch's key has at most {MAX_DOCUMENT} bytes.")
    try:
        fields = parse_canonical(document.removesuffix(b"\n"))
    except NotCanonical as fault:
        raise DamagedKey(
            f"This is not the file of an epoch's key, or it is damaged: {fault.message}"
        ) from None
    if fields.get("kind") != KIND:
        raise WrongKind("This is not the file of an epoch's private key.")
    epoch = fields.get("epoch")
    if fields.get("version") != VERSION:
        raise UnknownVersion(f"The file of the epoch {epoch} has the version {fields.get('version')!r}.")
    rest = {name: value for name, value in fields.items() if name != "sha256"}
    if fields.keys() != _FIELDS or fields["sha256"] != hashlib.sha256(canonical(rest)).hexdigest():
        raise DamagedKey(
            f"The file of the private key of the epoch {epoch} is damaged.", hint="Use another copy of it."
        )
    if fields["algorithm"] != ALGORITHM:
        raise DamagedKey(f"The file of the epoch {epoch} names an algorithm that its version has not.")
    return EpochFile(str(epoch), str(fields["recipient"]), decode_hex(fields["sealed"]))


def open_epoch(document: bytes, recipient: VaultPrivateKey) -> VaultPrivateKey:
    """Open what `seal_epoch` sealed to this recipient; raises like `read_epoch_file`, or CannotOpen."""
    file = read_epoch_file(document)
    if file.recipient != recipient.public.id:
        raise CannotOpen(f"The epoch {file.epoch} is sealed here to the recipient {file.recipient}.")
    opened = recipient.open(file.sealed, epoch_info(file.epoch, file.recipient))
    private = VaultPrivateKey.from_bytes(opened)
    if private.public.id != file.epoch:
        raise DamagedKey(f"The file says epoch {file.epoch} and holds {private.public.id}.")
    return private


def is_epoch_file(document: bytes) -> bool:
    """Whether a key file is of this kind, by what it says of itself."""
    return b'"kind":"vault_epoch_key"' in document[:MAX_DOCUMENT]
