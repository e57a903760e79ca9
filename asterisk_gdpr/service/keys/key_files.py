"""The keys of an installation as files: one line of text each, which says what it is.

    asterisk-gdpr signing-key 3f…

Whoever opens the wrong one sees it at once, and so does this program. Secret ones are 0600, and refused
when anybody else may read them. The vault's private keys are no such files: a recipient's is one of
`seal.passphrase`, an epoch's one of `seal.epochs`.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from asterisk_gdpr.core.epoch import Recipient
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.errors import DamagedKey, WrongKind
from asterisk_gdpr.seal.keys import VaultPublicKey
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey

_LINE = re.compile(r"asterisk-gdpr ([a-z-]+) ((?:[0-9a-f]{2})+)\n")
_LOST = "Restore it from a backup, or recover it by the escrow key: `asterisk-gdpr keys recover`."
NEXT = "next"
"""Whose files are on their way: they take the place of a recipient's once everything is sealed to it."""
SECRET_MODE = 0o600
PUBLIC_MODE = 0o644


class Kind(StrEnum):
    """What a key is for."""

    SIGNING = "signing-key"
    """Signs manifests, certificates and the ledger's heads (Ed25519)."""
    VERIFY = "verify-key"
    """Its public half: what an auditor is given."""
    INDEX = "index-key"
    """Makes blind indexes of numbers (HMAC)."""
    PAGE = "page-key"
    """Signs the forms of the page."""
    RECIPIENT = "recipient-public-key"
    """Seals the private keys of epochs to a recipient; opens nothing."""

    @property
    def secret(self) -> bool:
        """Whether nobody else may read it."""
        return self in (Kind.SIGNING, Kind.INDEX, Kind.PAGE)


@dataclass(frozen=True)
class KeyFolder:
    """The folder `paths.keys` of an installation, and the names in it."""

    path: Path

    @property
    def signing(self) -> Path:
        """The signing key."""
        return self.path / "signing.key"

    @property
    def index(self) -> Path:
        """The index key."""
        return self.path / "index.key"

    @property
    def page(self) -> Path:
        """The page's key."""
        return self.path / "page.key"

    def verify(self, key: VerifyKey) -> Path:
        """Where a verify key lies; earlier ones stay, since what they signed stays."""
        return self.path / f"verify-{key.id}.pub"

    def recipient(self, name: str) -> Path:
        """Where the private key of a recipient lies, protected; only the page's is in this folder."""
        return self.path / f"recipient-{name}.json"

    def recipient_public(self, name: str) -> Path:
        """Where a recipient's public key lies."""
        return self.path / f"recipient-{name}.pub"

    def epoch(self, id: str, recipient: str) -> Path:
        """Where an epoch's private key lies, sealed to a recipient."""
        return self.path / epoch_file_name(id, recipient)

    def vault_documents(self) -> list[Path]:
        """The page's own private key, those of the epochs here, and that from before there were any."""
        kinds = ("recipient-*.json", "epoch-*.json", "vault-*.json")
        return sorted(path for kind in kinds for path in self.path.glob(kind))

    def signing_key(self) -> SigningKey:
        """Read the signing key."""
        return SigningKey.from_bytes(read_key(self.signing, Kind.SIGNING))

    def index_key(self) -> IndexKey:
        """Read the index key."""
        return IndexKey.from_bytes(read_key(self.index, Kind.INDEX))

    def page_key(self) -> bytes:
        """Read the page's key (32 bytes)."""
        return read_key(self.page, Kind.PAGE)

    def verify_keys(self) -> list[VerifyKey]:
        """Read every verify key that is here."""
        return [read_verify_key(path) for path in sorted(self.path.glob("verify-*.pub"))]

    def recipient_key(self, name: str) -> VaultPublicKey:
        """Read a recipient's public key."""
        return VaultPublicKey.from_bytes(read_key(self.recipient_public(name), Kind.RECIPIENT))

    def knows(self, recipient: Recipient) -> bool:
        """Whether a recipient of the register is one that this installation made: its public key is here."""
        for name in (recipient.name, coming(recipient.name)):
            try:
                key = self.recipient_key(name)
            except (GdprError, OSError):
                continue
            if (key.id, key.to_bytes()) == (recipient.key_id, recipient.public):
                return True
        return False


def coming(recipient: str) -> str:
    """What the key is called that is to take a recipient's place: both count until it has."""
    return f"{recipient}.{NEXT}"


def epoch_file_name(id: str, recipient: str) -> str:
    """What the file of an epoch's private key is called, wherever it lies."""
    return f"epoch-{id}.{recipient}.json"


def read_private(path: Path) -> bytes:
    """The file of a private key of the vault; Refused (`key-missing`, `key-unreadable`, `key-open`)."""
    try:
        document = path.read_bytes()
        is_open = open_to_others(path)
    except FileNotFoundError:
        raise Refused(f"There is no private key at {path}.", hint=_LOST, id="key-missing") from None
    except OSError:
        raise Refused(
            f"The private key at {path} cannot be read.",
            hint="Run this as the user who owns it.",
            id="key-unreadable",
        ) from None
    if is_open:
        raise Refused(
            f"The private key at {path} is open to other users.",
            hint=f"Run `chmod 600 {path}`, and think about who may have read it.",
            id="key-open",
        )
    return document


def key_text(kind: Kind, key: bytes) -> bytes:
    """What stands in the file of a key."""
    return f"asterisk-gdpr {kind} {key.hex()}\n".encode("ascii")


def read_key(path: Path, kind: Kind) -> bytes:
    """The key in a file; raises Refused (`key-missing`, `key-open`, `wrong-kind`) or DamagedKey."""
    try:
        text = path.read_bytes().decode("ascii")
    except FileNotFoundError:
        raise Refused(
            f"There is no {kind} at {path}.",
            hint="Run `asterisk-gdpr init`, or restore the file from a backup.",
            id="key-missing",
        ) from None
    except OSError:
        raise Refused(
            f"The {kind} at {path} cannot be read.",
            hint="Run this as the user who owns it.",
            id="key-unreadable",
        ) from None
    except UnicodeDecodeError:
        raise _damaged(path, kind) from None
    if kind.secret and open_to_others(path):
        raise Refused(
            f"The {kind} at {path} is open to other users.",
            hint=f"Run `chmod 600 {path}`, and think about who may have read it.",
            id="key-open",
        )
    match = _LINE.fullmatch(text)
    if match is None:
        raise _damaged(path, kind)
    if match[1] != kind:
        raise WrongKind(f"{path} holds a {match[1]}, not a {kind}.")
    return bytes.fromhex(match[2])


def read_verify_key(path: Path) -> VerifyKey:
    """A verify key from anywhere, as an auditor has it."""
    return VerifyKey.from_bytes(read_key(path, Kind.VERIFY))


def open_to_others(path: Path) -> bool:
    """Whether anybody but its owner has any right to a file; raises OSError."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _damaged(path: Path, kind: Kind) -> DamagedKey:
    return DamagedKey(
        f"{path} is not the file of a {kind}, or it is damaged.", hint="Restore it from a backup."
    )
