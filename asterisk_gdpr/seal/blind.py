"""Finding what is sealed: a keyed hash stands beside each sealed number (a blind index).

Telephone numbers are few enough to be tried one by one, so the hash needs a key, and whoever has both
the key and the register can test guesses. The security document says so.
"""

from __future__ import annotations

import hmac
import secrets

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.errors import DamagedKey

_LENGTH = 32
_BLIND_LENGTH = 16


class IndexKey:
    """The key of the blind index (HMAC-SHA-256)."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _LENGTH:
            raise DamagedKey(f"An index key has {_LENGTH} bytes, not {len(key)}.")
        self._key = key

    @classmethod
    def generate(cls) -> IndexKey:
        """Make a new index key; under it, nothing that was blinded before is found again."""
        return cls(secrets.token_bytes(_LENGTH))

    @classmethod
    def from_bytes(cls, encoded: bytes) -> IndexKey:
        """Read the 32 bytes of `to_bytes`; raises DamagedKey."""
        return cls(encoded)

    def to_bytes(self) -> bytes:
        """Return the 32 bytes of the key."""
        return self._key

    def blind(self, domain: str, text: str) -> bytes:
        """Return 16 bytes that are equal for equal texts of one domain ("calls.caller") and tell no more.

        The caller brings `text` into one form first (a number to E.164), else equals are not found.
        """
        if "\0" in domain:
            raise Misuse("A domain has no NUL in it: it ends at one.")
        message = domain.encode("utf-8") + b"\0" + text.encode("utf-8")
        return hmac.digest(self._key, message, "sha256")[:_BLIND_LENGTH]
