"""Somebody else who knows people: an OpenID provider, the organisation's own sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Errand:
    """What a browser was sent to the provider with, and must come back with.

    All three are fresh and unguessable: `state` ties the answer to this browser (RFC 6749, 10.12), `nonce`
    the provider's word to this errand (OpenID Connect Core, 3.1.2.1), `verifier` the code to us (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str


class Provider(Protocol):
    """The authorization code flow of OpenID Connect Core 1.0, section 3.1, with PKCE."""

    def send(self, back: str) -> tuple[str, Errand]:
        """Return where the browser goes, and its errand; `back` is the address that it returns to.

        Raises Unreachable `provider-unreachable`.
        """
        ...

    def receive(self, answer: Mapping[str, str], errand: Errand, back: str) -> str:
        """Return the name that the provider vouches for, from what the browser came back with.

        Raises Refused `provider-refused` for every answer that is not the provider's to this errand, and
        Unreachable.
        """
        ...
