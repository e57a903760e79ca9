"""What this package refuses, each under the product's one error tree.

Refused
├── WrongPassphrase   the key file is whole, the passphrase is not the one it was made with
├── WrongKind         the file is something else than what was asked for
├── UnknownVersion    the file was written by a newer program
└── UnknownKey        the signature names a key that the caller did not give
Damaged
├── CannotOpen        wrong key, or changed bytes: an AEAD cannot tell them apart
├── DamagedKey        a key or a key file is not what was written
├── DamagedDocument   a signed document is not what was signed
└── DamagedContainer  a container is not what was written
"""

from __future__ import annotations

from asterisk_gdpr.errors import Damaged, Refused


class WrongPassphrase(Refused):
    """The key file is whole, and the passphrase is not the one that it was made with."""

    default_id = "wrong-passphrase"


class WrongKind(Refused):
    """The file is something else than what was asked for."""

    default_id = "wrong-kind"


class UnknownVersion(Refused):
    """The file says that it has a version which this program does not know."""

    default_id = "unknown-version"


class UnknownKey(Refused):
    """The signature names a key that is not among those given; nothing is known about the file."""

    default_id = "unknown-key"


class CannotOpen(Damaged):
    """The key is another one, or the bytes were changed, or they belong to another place."""

    default_id = "cannot-open"


class DamagedKey(Damaged):
    """A key or a key file is not what was written."""

    default_id = "damaged-key"


class DamagedDocument(Damaged):
    """A signed document is not what was signed."""

    default_id = "damaged-document"


class DamagedContainer(Damaged):
    """A container is not what was written: `reason` says how, `offset` (bytes) where it shows."""

    default_id = "damaged-container"

    def __init__(self, reason: str, offset: int) -> None:
        self.reason = reason
        self.offset = offset
        super().__init__(f"The container is damaged at byte {offset}: {reason}.")
