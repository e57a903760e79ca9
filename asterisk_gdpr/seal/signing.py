"""Ed25519 keys (RFC 8032): what was written here can be proven by anyone with the public half."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from asterisk_gdpr.seal.errors import DamagedKey, UnknownKey
from asterisk_gdpr.seal.keys import key_id

ALGORITHM = "Ed25519"
SIGNATURE_LENGTH = 64
_LENGTH = 32


class VerifyKey:
    """The public half. `id` names the pair in every signature."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.id = key_id(ALGORITHM, key.public_bytes_raw())

    @classmethod
    def from_bytes(cls, encoded: bytes) -> VerifyKey:
        """Read the 32 bytes of `to_bytes`; raises DamagedKey."""
        if len(encoded) != _LENGTH:
            raise DamagedKey(f"A verify key has {_LENGTH} bytes, not {len(encoded)}.")
        return cls(Ed25519PublicKey.from_public_bytes(encoded))

    def to_bytes(self) -> bytes:
        """Return the 32 bytes of the public key (RFC 8032, 5.1.5)."""
        return self._key.public_bytes_raw()

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Tell whether this key's owner signed exactly this message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """The private half, which lies beside the PBX: the daemon must be able to sign unattended."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verify_key = VerifyKey(key.public_key())

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new pair."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, encoded: bytes) -> SigningKey:
        """Read the 32 bytes of `to_bytes`; raises DamagedKey."""
        if len(encoded) != _LENGTH:
            raise DamagedKey(f"A signing key has {_LENGTH} bytes, not {len(encoded)}.")
        return cls(Ed25519PrivateKey.from_private_bytes(encoded))

    def to_bytes(self) -> bytes:
        """Return the 32 bytes of the private key (RFC 8032, 5.1.5), in the clear."""
        return self._key.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature (64 bytes); the caller's message begins with what it is for."""
        return self._key.sign(message)


def find_key(keys: Iterable[VerifyKey], id: str) -> VerifyKey:
    """Return the key of this id; raises UnknownKey, which says nothing against the signature."""
    for key in keys:
        if key.id == id:
            return key
    raise UnknownKey(
        f"It is signed with the key {id}, which is not among those given.",
        hint="Give the verify key of the installation that made it.",
    )
