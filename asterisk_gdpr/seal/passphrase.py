"""The vault's private key at rest: Argon2id (RFC 9106) over a passphrase, then AES-256-GCM.

The document is that of `seal.key_document`; an escrow copy is the same one under another passphrase.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.errors import DamagedKey, WrongPassphrase
from asterisk_gdpr.seal.key_document import read, written
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey

KIND = "vault_private_key"
VERSION = 1
_CIPHER = "AES-256-GCM"
_KDF = "argon2id"
_SALT_LENGTH = 16
_NONCE_LENGTH = 12
_KEY_LENGTH = 32
_NAMES = {"kind", "version", "algorithm", "key_id", "created_at", "kdf", "cipher", "ciphertext"}


@dataclass(frozen=True)
class Cost:
    """What one guess of the passphrase costs: memory in KiB, passes over it, and lanes (RFC 9106)."""

    memory_kib: int
    iterations: int
    lanes: int

    def __post_init__(self) -> None:
        # Above these a forged file could exhaust the machine that also carries the calls.
        if not (
            1 <= self.lanes <= 16
            and 8 * self.lanes <= self.memory_kib <= 2 * 1024 * 1024
            and 1 <= self.iterations <= 32
        ):
            raise Misuse("The cost of a passphrase is outside what Argon2id or this format allows.")


DEFAULT_COST = Cost(memory_kib=128 * 1024, iterations=3, lanes=4)
"""Twice the memory of RFC 9106's second recommended option, and still harmless beside a small PBX."""


def protect(
    private: VaultPrivateKey, passphrase: str, *, created_at: str, cost: Cost = DEFAULT_COST
) -> bytes:
    """Return the private key as a JSON document that only the passphrase opens; ends with a newline.

    `created_at` is ISO 8601 in UTC. Each call takes a new salt: two copies show nothing in common but the
    key's id.
    """
    salt, nonce = secrets.token_bytes(_SALT_LENGTH), secrets.token_bytes(_NONCE_LENGTH)
    document: dict[str, object] = {
        "kind": KIND,
        "version": VERSION,
        "algorithm": ALGORITHM,
        "key_id": private.public.id,
        "created_at": created_at,
        "kdf": {
            "name": _KDF,
            "salt": salt.hex(),
            "memory_kib": cost.memory_kib,
            "iterations": cost.iterations,
            "lanes": cost.lanes,
        },
        "cipher": {"name": _CIPHER, "nonce": nonce.hex()},
    }
    stretched = _stretch(passphrase, salt, cost)
    ciphertext = AESGCM(stretched).encrypt(nonce, private.to_bytes(), canonical(document))
    document["ciphertext"] = ciphertext.hex()
    return written(document)


def unlock(document: bytes, passphrase: str) -> VaultPrivateKey:
    """Open what `protect` wrote.

    Raises WrongPassphrase, DamagedKey, WrongKind or UnknownVersion. Takes the memory and the time of the
    document's cost (about half a second by default): not for an event loop.
    """
    fields = _fields(document)
    key = str(fields["key_id"])
    ciphertext = fields.pop("ciphertext")
    try:
        kdf, cipher = _dict(fields["kdf"]), _dict(fields["cipher"])
        if (fields["algorithm"], kdf["name"], cipher["name"]) != (ALGORITHM, _KDF, _CIPHER):
            raise DamagedKey(f"The file of the vault key {key} names an algorithm that its version has not.")
        cost = _cost(kdf)
        salt, nonce = bytes.fromhex(str(kdf["salt"])), bytes.fromhex(str(cipher["nonce"]))
        sealed = bytes.fromhex(str(ciphertext))
        cipher_of_passphrase = AESGCM(_stretch(passphrase, salt, cost))
        private = VaultPrivateKey.from_bytes(cipher_of_passphrase.decrypt(nonce, sealed, canonical(fields)))
    except InvalidTag:
        raise WrongPassphrase(
            f"This is not the passphrase of the vault key {key}.",
            hint="An escrow copy has a passphrase of its own.",
        ) from None
    except (KeyError, TypeError, ValueError):
        raise DamagedKey(
            f"The file of the vault key {key} has a field that its version does not allow."
        ) from None
    if private.public.id != key:
        raise DamagedKey(f"The file says vault key {key} and holds {private.public.id}.")
    return private


def cost_of(document: bytes) -> Cost:
    """Return what one try at a document of `protect` costs; raises like `unlock`."""
    fields = _fields(document)
    try:
        return _cost(_dict(fields["kdf"]))
    except (KeyError, TypeError, ValueError):
        raise DamagedKey("The file of a vault key says nothing of its cost.") from None


def _cost(kdf: dict[str, object]) -> Cost:
    return Cost(_int(kdf["memory_kib"]), _int(kdf["iterations"]), _int(kdf["lanes"]))


def key_id_of(document: bytes) -> str:
    """Return the id of the key in a document of `protect`, without its passphrase; raises like `unlock`."""
    return str(_fields(document)["key_id"])


def _fields(document: bytes) -> dict[str, object]:
    """Return the document's fields after its kind, version and checksum were found right."""
    return read(document, KIND, VERSION, _NAMES, otherwise="This is not the file of a vault's private key.")


def _stretch(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    if not passphrase:
        raise Misuse("An empty passphrase protects nothing.")
    # The same words typed on another keyboard may arrive in another composition of their letters.
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    derivation = Argon2id(
        salt=salt,
        length=_KEY_LENGTH,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return derivation.derive(secret)


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _int(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value
