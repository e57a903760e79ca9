"""Files in the age format, for people outside: anyone can open theirs with the standard tool."""

from __future__ import annotations

from collections.abc import Sequence

import pyrage
from pyrage import passphrase as by_passphrase
from pyrage import x25519

from asterisk_gdpr.errors import Refused


def recipient_of(text: str) -> x25519.Recipient:
    """A recipient's public key (`age1…`); raises Refused (`not-a-recipient`)."""
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise Refused(
            "This is no age recipient.",
            hint="It begins with age1, as age-keygen prints it.",
            id="not-a-recipient",
        ) from None


def seal_to(data: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt for the holders of these public keys; raises Refused (`not-a-recipient`)."""
    sealed: bytes = pyrage.encrypt(data, [recipient_of(each) for each in recipients])
    return sealed


def check_passphrase(passphrase: str) -> None:
    """Raise Refused (`weak-passphrase`) for one that can be guessed."""
    if len(passphrase) < 12:
        raise Refused("A passphrase for a copy has at least 12 characters.", id="weak-passphrase")


def seal_by(data: bytes, passphrase: str) -> bytes:
    """Encrypt by a passphrase that the person is told by another way; raises Refused (`weak-passphrase`)."""
    check_passphrase(passphrase)
    sealed: bytes = by_passphrase.encrypt(data, passphrase)
    return sealed
