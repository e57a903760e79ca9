"""Files in the age format, for people outside: anyone can open theirs with the standard tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

import pyrage
from pyrage import passphrase as by_passphrase
from pyrage import x25519

from asterisk_gdpr.errors import Damaged, Misuse, Refused


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


def sealer(recipient: str, passphrase: Callable[[], str]) -> Callable[[bytes], bytes]:
    """Return what encrypts for a recipient or, where none is named, by a passphrase that is asked for now.

    What cannot be sealed to is Refused (`not-a-recipient`, `weak-passphrase`) before anything is opened.
    """
    if recipient:
        recipient_of(recipient)
        return lambda data: seal_to(data, [recipient])
    chosen = passphrase()
    check_passphrase(chosen)
    return lambda data: seal_by(data, chosen)


def check_recipients(recipients: Sequence[str]) -> None:
    """Raise Refused (`no-recipient`, `not-a-recipient`) before anything is done."""
    if not recipients:
        raise Refused(
            "There is no recipient to encrypt to.",
            hint="Make a key by `age-keygen`, keep it elsewhere, and name its public half: age1…",
            id="no-recipient",
        )
    for each in recipients:
        recipient_of(each)


def encrypt_to(source: BinaryIO, target: BinaryIO, recipients: Sequence[str]) -> None:
    """Encrypt a stream to recipients; raises Refused as `check_recipients`."""
    check_recipients(recipients)
    pyrage.encrypt_io(source, target, [recipient_of(each) for each in recipients])


def decrypt(source: BinaryIO, target: BinaryIO, identities: Sequence[str]) -> None:
    """Decrypt a stream by identities (`AGE-SECRET-KEY-1…`); Refused (`not-for-this-key`) or Damaged."""
    try:
        keys = [x25519.Identity.from_str(text) for text in identities]
    except pyrage.IdentityError:
        raise Refused("This is not an identity of the age format.", id="not-an-identity") from None
    try:
        pyrage.decrypt_io(source, target, keys)
    except pyrage.DecryptError as error:
        if "matching" in str(error).lower():
            raise Refused("The file was not encrypted to this key.", id="not-for-this-key") from None
        raise Damaged("The file is not what was encrypted, or not all of it.") from None


def new_identity() -> tuple[str, str]:
    """A new key pair: the identity, which is secret, and the recipient."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def identities_in(text: str) -> list[str]:
    """The identities in a file as `age-keygen` writes it; Misuse when there is none."""
    found = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not found:
        raise Misuse("There is no identity in this file.", hint="It is a file as `age-keygen` writes it.")
    return found
