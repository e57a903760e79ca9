"""A recipient's private key at rest under a token: AES-256-GCM by a key that only the token unwraps.

The document (`seal.key_document`) holds the wrapped key and nothing that opens it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.errors import DamagedKey
from asterisk_gdpr.seal.evidence import decode_hex
from asterisk_gdpr.seal.key_document import MAX_DOCUMENT, read, written
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey

KIND = "vault_token_key"
VERSION = 1
_CIPHER = "AES-256-GCM"
_NONCE_LENGTH = 12
_FIELDS = {
    "kind",
    "version",
    "algorithm",
    "key_id",
    "created_at",
    "token",
    "wrapped",
    "cipher",
    "ciphertext",
}


@dataclass(frozen=True)
class TokenFile:
    """What a document says of itself: which private key it holds, in which token, and the wrapped key."""

    key_id: str
    token: str
    wrapped: bytes
    _nonce: bytes
    _ciphertext: bytes
    _bound: bytes


def protect_by_token(
    private: VaultPrivateKey, content_key: bytes, wrapped: bytes, *, token: str, created_at: str
) -> bytes:
    """Return the private key as a document that opens by `content_key`, of which it holds `wrapped`."""
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    document: dict[str, object] = {
        "kind": KIND,
        "version": VERSION,
        "algorithm": ALGORITHM,
        "key_id": private.public.id,
        "created_at": created_at,
        "token": token,
        "wrapped": wrapped.hex(),
        "cipher": {"name": _CIPHER, "nonce": nonce.hex()},
    }
    ciphertext = AESGCM(content_key).encrypt(nonce, private.to_bytes(), canonical(document))
    document["ciphertext"] = ciphertext.hex()
    return written(document)


def read_token_file(document: bytes) -> TokenFile:
    """Return what a document says of itself; raises WrongKind, DamagedKey or UnknownVersion."""
    fields = read(
        document, KIND, VERSION, _FIELDS, otherwise="This is not the file of a private key under a token."
    )
    key = fields["key_id"]
    cipher = fields["cipher"]
    if fields["algorithm"] != ALGORITHM or not isinstance(cipher, dict) or cipher.get("name") != _CIPHER:
        raise DamagedKey(f"The file of the vault key {key} names an algorithm that its version has not.")
    bound = {name: value for name, value in fields.items() if name != "ciphertext"}
    return TokenFile(
        str(key),
        str(fields["token"]),
        decode_hex(fields["wrapped"]),
        decode_hex(cipher.get("nonce")),
        decode_hex(fields["ciphertext"]),
        canonical(bound),
    )


def open_token_file(file: TokenFile, content_key: bytes) -> VaultPrivateKey:
    """Open what `protect_by_token` wrote, by the key that the token unwrapped; raises DamagedKey."""
    try:
        opened = AESGCM(content_key).decrypt(file._nonce, file._ciphertext, file._bound)
    except (InvalidTag, ValueError):
        raise DamagedKey(f"The file of the vault key {file.key_id} does not open.") from None
    private = VaultPrivateKey.from_bytes(opened)
    if private.public.id != file.key_id:
        raise DamagedKey(f"The file says vault key {file.key_id} and holds {private.public.id}.")
    return private


def is_token_file(document: bytes) -> bool:
    """Whether a key file is of this kind, by what it says of itself."""
    return b'"kind":"vault_token_key"' in document[:MAX_DOCUMENT]
