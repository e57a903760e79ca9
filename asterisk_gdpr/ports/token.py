"""A token that holds a key which never leaves it."""

from __future__ import annotations

from typing import Protocol

from asterisk_gdpr.errors import Refused


class WrongPin(Refused):
    """Not the token's PIN; each wrong one brings the token nearer to locking itself."""

    default_id = "wrong-pin"


class Token(Protocol):
    """Wraps and unwraps keys for whoever has its PIN; every method raises WrongPin, Refused, Unreachable."""

    def look(self) -> None:
        """See whether it is there, without its PIN; raises Refused or Unreachable."""
        ...

    def make_key(self, pin: str) -> bool:
        """Make the key that never leaves it; False when it is there already."""
        ...

    def fresh(self, pin: str) -> tuple[bytes, bytes]:
        """A new key of 32 bytes, and the same wrapped by the key that stays in the token."""
        ...

    def unwrap(self, pin: str, wrapped: bytes) -> bytes:
        """The key that `fresh` wrapped."""
        ...
