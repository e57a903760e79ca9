"""The installation's word for an epoch's public key, without which nothing is sealed to it.

Whoever can write to the register could name a key of their own there; they cannot sign. So the signing key
vouches for the whole public key, and for when its epoch began. Only the signing key in use counts: an
earlier one, which may have been replaced because somebody else has it, vouches for nothing any more.
"""

from __future__ import annotations

import hashlib

from asterisk_gdpr.errors import Damaged, Refused
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey

_kind = "epoch_voucher"


def vouch(epoch: str, algorithm: str, public: bytes, began_at: str, signer: SigningKey) -> bytes:
    """The signed document that this key pair is one of the installation's own."""
    return sign_document(_kind, _body(epoch, algorithm, public, began_at), signer)


def is_vouched_for(
    voucher: bytes | None, epoch: str, algorithm: str, public: bytes, began_at: str, key: VerifyKey
) -> bool:
    """Whether it is signed by this key, and for exactly this one."""
    if voucher is None:
        return False
    try:
        return verify_document(_kind, voucher, [key]) == _body(epoch, algorithm, public, began_at)
    except (Damaged, Refused):
        return False


def _body(epoch: str, algorithm: str, public: bytes, began_at: str) -> dict[str, object]:
    return {
        "epoch": epoch,
        "algorithm": algorithm,
        "public_sha256": hashlib.sha256(public).hexdigest(),
        "began_at": began_at,
    }
