"""The vault's key pair, and the data keys that it wraps.

Whoever holds the public key can seal and never open: that is all that the machine beside the PBX has.
HPKE (RFC 9180, base mode, single shot) with MLKEM768-X25519, HKDF-SHA256 and AES-256-GCM: a hybrid, so
that a recording made today stays closed when X25519 falls to a quantum computer, and also if ML-KEM
should turn out weaker than believed.
"""

from __future__ import annotations

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.errors import CannotOpen, DamagedKey

ALGORITHM = "MLKEM768-X25519"
DATA_KEY_LENGTH = 32
WRAPPED_KEY_LENGTH = 1168
"""Bytes of a wrapped data key: 1088 ML-KEM-768 + 32 X25519 + 32 key + 16 tag."""

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_MLKEM_SEED = 64
_MLKEM_PUBLIC = 1184
_X25519 = 32


class VaultPublicKey:
    """The half that seals. `id` names the pair wherever a key must be named."""

    def __init__(self, mlkem: MLKEM768PublicKey, x25519: X25519PublicKey) -> None:
        self._hpke = MLKEM768X25519PublicKey(mlkem, x25519)
        self._encoded = mlkem.public_bytes_raw() + x25519.public_bytes_raw()
        self.id = key_id(ALGORITHM, self._encoded)

    @classmethod
    def from_bytes(cls, encoded: bytes) -> VaultPublicKey:
        """Read the 1216 bytes of `to_bytes`; raises DamagedKey."""
        if len(encoded) != _MLKEM_PUBLIC + _X25519:
            raise DamagedKey(f"A vault public key has {_MLKEM_PUBLIC + _X25519} bytes, not {len(encoded)}.")
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(encoded[:_MLKEM_PUBLIC])
        except ValueError:
            raise DamagedKey("These bytes are not an ML-KEM-768 public key.") from None
        return cls(mlkem, X25519PublicKey.from_public_bytes(encoded[_MLKEM_PUBLIC:]))

    def to_bytes(self) -> bytes:
        """Return the ML-KEM-768 encapsulation key (FIPS 203), then the X25519 key (RFC 7748): 1216 bytes."""
        return self._encoded

    def wrap(self, data_key: bytes, info: bytes) -> bytes:
        """Wrap a data key (32 bytes) into 1168 bytes; `info` is `data_key_info` of its recording."""
        if len(data_key) != DATA_KEY_LENGTH:
            raise Misuse(f"A data key has {DATA_KEY_LENGTH} bytes.")
        return self.seal(data_key, info)

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Seal a short field; `info` is `field_info` of its place. 1136 bytes longer than the plaintext.

        The length of the plaintext shows: pad what must not be told by its length.
        """
        return _SUITE.encrypt(plaintext, self._hpke, info)


class VaultPrivateKey:
    """The half that opens. It never lies on a disk but as `passphrase.protect` writes it."""

    def __init__(self, mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey) -> None:
        self._hpke = MLKEM768X25519PrivateKey(mlkem, x25519)
        self._mlkem = mlkem
        self._x25519 = x25519
        self.public = VaultPublicKey(mlkem.public_key(), x25519.public_key())

    @classmethod
    def generate(cls) -> VaultPrivateKey:
        """Make a new pair: the beginning of an epoch."""
        return cls(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, encoded: bytes) -> VaultPrivateKey:
        """Read the 96 bytes of `to_bytes`; raises DamagedKey."""
        if len(encoded) != _MLKEM_SEED + _X25519:
            raise DamagedKey(f"A vault private key has {_MLKEM_SEED + _X25519} bytes, not {len(encoded)}.")
        return cls(
            MLKEM768PrivateKey.from_seed_bytes(encoded[:_MLKEM_SEED]),
            X25519PrivateKey.from_private_bytes(encoded[_MLKEM_SEED:]),
        )

    def to_bytes(self) -> bytes:
        """Return the ML-KEM seed d || z (FIPS 203, 64 bytes), then the X25519 key (32), in the clear."""
        return self._mlkem.private_bytes_raw() + self._x25519.private_bytes_raw()

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """Return the data key that `VaultPublicKey.wrap` wrapped with the same `info`; raises CannotOpen."""
        data_key = self.open(wrapped, info)
        if len(data_key) != DATA_KEY_LENGTH:
            raise CannotOpen(f"What was opened is not a data key of {DATA_KEY_LENGTH} bytes.")
        return data_key

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return what `VaultPublicKey.seal` sealed with the same `info`; raises CannotOpen."""
        try:
            return _SUITE.decrypt(sealed, self._hpke, info)
        except InvalidTag:
            raise CannotOpen(
                f"This was not sealed to the vault key {self.public.id} for this place, or it was changed."
            ) from None


def key_id(algorithm: str, encoded_public_key: bytes) -> str:
    """Return the name of a key: the first 16 hexadecimal digits of SHA-256(algorithm, NUL, public key)."""
    return hashlib.sha256(algorithm.encode("ascii") + b"\0" + encoded_public_key).hexdigest()[:16]


def new_data_key() -> bytes:
    """Return a random key (32 bytes) for one generation of one recording."""
    return secrets.token_bytes(DATA_KEY_LENGTH)


def random_salt() -> bytes:
    """Return 16 random bytes, for a commitment that must not be guessable."""
    return secrets.token_bytes(16)


def data_key_info(recording: str, generation: int) -> bytes:
    """Return the HPKE `info` under which the data key of this recording's generation is wrapped."""
    return _info("data-key", recording, str(generation))


def field_info(table: str, column: str, row: str) -> bytes:
    """Return the HPKE `info` under which a field of the register is sealed: moved elsewhere it stays shut."""
    return _info("field", table, column, row)


def epoch_info(epoch: str, recipient: str) -> bytes:
    """Return the HPKE `info` under which an epoch's private key is sealed to a recipient."""
    return _info("epoch-key", epoch, recipient)


def _info(use: str, *parts: str) -> bytes:
    if any("\0" in part for part in parts):
        raise Misuse("A name with a NUL in it cannot be bound to a key.")
    return "\0".join((f"asterisk-gdpr {use} v1", *parts)).encode("utf-8")
