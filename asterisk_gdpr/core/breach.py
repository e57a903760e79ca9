"""What a breach opened: which of what was exposed lets somebody hear, or learn who called.

Audio opens only for who has the container, its wrapped key (in the register) and the vault's private key, all
three. So the answer follows from what was exposed, and whoever judges it must only know that.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CLOCK = timedelta(hours=72)
"""From when the controller has become aware of it to the notification of the authority (Art. 33(1))."""


class Exposed(StrEnum):
    """What somebody else has, or has had."""

    CONTAINERS = "containers"
    """Sealed recordings: the vault, or a copy of it."""
    REGISTER = "register"
    """The register, or a copy of it: wrapped keys, sealed numbers, which call was when."""
    KEY_FILE = "key-file"
    """The vault's private key under its passphrase, or the escrow copy."""
    PRIVATE_KEY = "private-key"
    """The vault's private key itself: a passphrase with its file, or the memory of an unlocked page."""
    INDEX_KEY = "index-key"
    """The key of the blind indexes."""
    SIGNING_KEY = "signing-key"
    """The key that signs manifests, certificates and the ledger's heads."""
    SPOOL = "spool"
    """The memory beside Asterisk in which the last seconds of living calls lie."""
    EXPORTS = "exports"
    """Plaintext that a person has exported."""
    LOST = "lost"
    """Nothing was seen by anybody; recordings or keys are gone (availability)."""
    CHANGED = "changed"
    """Recordings or the register were changed (integrity)."""


class Readable(StrEnum):
    """Whether something can be read by who has it."""

    YES = "yes"
    IF_GUESSED = "if_guessed"
    """Only by guessing the passphrase."""
    ONE_BY_ONE = "one_by_one"
    """Only by trying what it could be, one after the other."""
    NO = "no"


@dataclass(frozen=True)
class Reach:
    """What an exposure opened; `living` and `exported` are about parts of the recordings alone."""

    audio: Readable
    numbers: Readable
    call_data: bool
    living: bool
    exported: bool
    forged: bool
    confidentiality: bool
    integrity: bool
    availability: bool

    @property
    def unintelligible(self) -> bool:
        """Whether what was exposed means nothing to whoever has it (Art. 34(3)(a))."""
        plain = self.call_data or self.living or self.exported
        return not plain and self.audio is Readable.NO and self.numbers is Readable.NO


def reach(exposed: Set[Exposed]) -> Reach:
    """What follows from what was exposed."""
    register = Exposed.REGISTER in exposed
    sealed = register and Exposed.CONTAINERS in exposed
    opened = Exposed.PRIVATE_KEY in exposed
    guessable = Exposed.KEY_FILE in exposed
    numbers = _opens(register, opened, guessable)
    if numbers is Readable.NO and register and Exposed.INDEX_KEY in exposed:
        numbers = Readable.ONE_BY_ONE
    seen = exposed - {Exposed.LOST, Exposed.CHANGED}
    return Reach(
        audio=_opens(sealed, opened, guessable),
        numbers=numbers,
        call_data=register,
        living=Exposed.SPOOL in exposed,
        exported=Exposed.EXPORTS in exposed,
        forged=Exposed.SIGNING_KEY in exposed,
        confidentiality=bool(seen),
        integrity=bool(exposed & {Exposed.CHANGED, Exposed.SIGNING_KEY}),
        availability=Exposed.LOST in exposed,
    )


def due(noticed_at: datetime) -> datetime:
    """When the authority must have been told."""
    return noticed_at + CLOCK


def _opens(there: bool, opened: bool, guessable: bool) -> Readable:
    if there and opened:
        return Readable.YES
    return Readable.IF_GUESSED if there and guessable else Readable.NO
