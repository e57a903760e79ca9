"""What other systems call a call (a ticket, a case): kept as a keyed hash, so it is found and never read.

The dialplan says it in `GDPR_REFERENCE`, or a person by `calls refer`. Upper and lower case are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallBook, CallRow, Clock

VARIABLE = "GDPR_REFERENCE"
"""The channel variable by which the dialplan says it."""

_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#+-]{0,63}")


class References:
    """Sets and finds references; `blind` is the keyed hash of one. Blocks."""

    def __init__(self, register: CallBook, blind: Callable[[str], bytes], clock: Clock) -> None:
        self._register = register
        self._blind = blind
        self._clock = clock

    def set(self, call: str, reference: str, by: str = "") -> None:
        """Raises Refused: `not-a-reference`, `unknown-call`, `no-recording`."""
        self._register.set_reference(call, self._index(reference), self._clock.now(), by)

    def calls_of(self, reference: str) -> list[CallRow]:
        """The calls of a reference, newest first; raises Refused `not-a-reference`, without repeating it."""
        return self._register.calls_of_reference(self._index(reference))

    def _index(self, reference: str) -> bytes:
        text = reference.strip()
        if not _FORM.fullmatch(text):
            raise Refused(
                "This is not a reference.",
                hint="Write up to 64 letters, digits and ._:/#+- and nothing else.",
                id="not-a-reference",
            )
        return self._blind(text.casefold())
