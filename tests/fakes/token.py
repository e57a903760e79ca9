"""A token in memory; `tests/token/test_contract.py` holds it and SoftHSM to the same contract."""

from __future__ import annotations

import secrets

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import WrongPin

PIN = "4711-0815"


class MemoryToken:
    """Plays `ports.HardwareToken`; `away` is a token that was pulled out."""

    def __init__(self) -> None:
        self.away = False
        self._made = False
        self._wrapped: dict[bytes, bytes] = {}

    def look(self) -> None:
        if self.away:
            raise Unreachable("The token is not there.", id="token-away")

    def make_key(self, pin: str) -> bool:
        self._open(pin)
        made, self._made = not self._made, True
        return made

    def fresh(self, pin: str) -> tuple[bytes, bytes]:
        self._needed(pin)
        content, wrapped = secrets.token_bytes(32), secrets.token_bytes(40)
        self._wrapped[wrapped] = content
        return content, wrapped

    def unwrap(self, pin: str, wrapped: bytes) -> bytes:
        self._needed(pin)
        if wrapped not in self._wrapped:
            raise Refused("It does not open this.", id="token-key-differs")
        return self._wrapped[wrapped]

    def _open(self, pin: str) -> None:
        self.look()
        if pin != PIN:
            raise WrongPin("This is not the PIN.")

    def _needed(self, pin: str) -> None:
        self._open(pin)
        if not self._made:
            raise Refused("It has no such key.", id="token-key-missing")
