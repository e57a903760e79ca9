"""Receipts are made and looked up here; the register keeps a keyed hash of each, and the code nowhere."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from asterisk_gdpr.core.receipt import LENGTH, is_code, with_check
from asterisk_gdpr.ports import CallBook, CallRow


class Receipts:
    """Makes and finds receipts; `blind` is the keyed hash of a code. Blocks."""

    def __init__(self, register: CallBook, blind: Callable[[str], bytes]) -> None:
        self._register = register
        self._blind = blind

    def issue(self, call: str) -> str:
        """A code for this call, in the register before anybody hears it; raises Unreachable."""
        code = with_check("".join(secrets.choice("0123456789") for _ in range(LENGTH - 1)))
        self._register.add_receipt(call, self._blind(code))
        return code

    def call_of(self, code: str) -> CallRow | None:
        """The call whose receipt this is."""
        return self._register.call_of_receipt(self._blind(code)) if is_code(code) else None
