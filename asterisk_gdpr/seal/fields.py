"""Small secrets of the register that the page must read unattended: the secrets of one-time codes.

They are sealed by AES-256-GCM under a key that is derived from the index key (HMAC-SHA-256 with a text of
its own), and open under the name of their place only.
So whoever has the register alone has none of them; whoever has the index key too, has.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.errors import CannotOpen

_DERIVED = b"asterisk-gdpr sealed field v1"
_MARK = "sealed1."
"""Begins what is sealed: no base32 secret has small letters or dots."""
_NONCE = 12


class FieldKey:
    """Seals and opens short texts, each for its place."""

    def __init__(self, index: IndexKey) -> None:
        self._cipher = AESGCM(hmac.digest(index.to_bytes(), _DERIVED, "sha256"))

    def seal(self, place: str, text: str) -> str:
        """Return the sealed text, printable; the same text is never sealed the same twice."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), place.encode())
        return _MARK + base64.urlsafe_b64encode(nonce + sealed).decode("ascii")

    def open(self, place: str, sealed: str) -> str:
        """Return what `seal` sealed for this place; raises CannotOpen."""
        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_MARK).encode("ascii"))
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise CannotOpen("A field was sealed under another index key, or it was changed.") from None


def is_sealed(text: str) -> bool:
    """Whether a text is one that `FieldKey.seal` returned."""
    return text.startswith(_MARK)
