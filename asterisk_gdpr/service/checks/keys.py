"""What must be so with the keys: there, whole, of the right kind, and closed to others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from asterisk_gdpr.config import read_secret
from asterisk_gdpr.core.epoch import Epoch, Recipient, Role
from asterisk_gdpr.errors import Damaged, GdprError, Refused
from asterisk_gdpr.seal.epochs import is_epoch_file, read_epoch_file
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.checks.finding import Finding, error, warning
from asterisk_gdpr.service.keys.key_files import KeyFolder, open_to_others
from asterisk_gdpr.service.keys.vault_keys import key_id_of, strange_epochs


def own_keys(keys: KeyFolder) -> Iterator[Finding]:
    """The signing key, the index key, the page's key and the verify keys."""
    reads: tuple[Callable[[], object], ...] = (
        keys.signing_key,
        keys.index_key,
        keys.page_key,
        keys.verify_keys,
    )
    for read in reads:
        yield from _tried(read, keys.path)


def secrets(*files: Path) -> Iterator[Finding]:
    """The secrets that are shared with Asterisk."""
    for file in files:
        try:
            read_secret(file)
        except Refused as refused:
            yield error("secret-missing", refused.message, refused.hint)
            continue
        yield from _closed("secret-open", file)


def vault_keys(keys: KeyFolder, epoch: str | None) -> Iterator[Finding]:
    """The vault's key pair: known to the register, and its private half here, whole, for the page to open."""
    if epoch is None:
        yield error(
            "no-epoch",
            "The register knows no vault key: nothing can be sealed.",
            "Run `asterisk-gdpr init` again.",
        )
        return
    recipients, held = set(), {}
    try:
        documents = keys.vault_documents()
    except OSError:
        yield error("vault-key-unreadable", f"{keys.path} may not be looked into.", _OWNER)
        return
    for file in documents:
        yield from _closed("vault-key-open", file)
        try:
            document = file.read_bytes()
            if is_epoch_file(document):
                found = read_epoch_file(document)
                held[found.epoch] = found.recipient
            else:
                recipients.add(key_id_of(document))
        except OSError:
            yield error("vault-key-unreadable", f"{file} cannot be read.", _OWNER)
        except GdprError as problem:
            yield error("vault-key-damaged", problem.message, _RECOVER)
    if epoch in recipients:
        yield warning(
            "vault-key-from-before",
            f"The vault key {epoch} is from before keys had epochs: it opens, and cannot be changed yet.",
            "Run `asterisk-gdpr init` again, which makes the recipients, then `asterisk-gdpr keys rotate`.",
        )
    elif epoch not in held:
        yield error(
            "vault-key-missing",
            f"The private half of the vault key {epoch} is not here: what is sealed now cannot be heard.",
            _RECOVER,
        )
    elif held[epoch] not in recipients:
        yield error(
            "vault-key-missing",
            f"The page's private key {held[epoch]} is not here: what is sealed now cannot be heard.",
            _RECOVER,
        )


def recipients(keys: KeyFolder, known: Iterable[Recipient]) -> Iterator[Finding]:
    """Whether everybody whom the register lets open the next epoch is one whom this installation made.

    It is asked where the page's private key lies, which makes the epochs; another node need know nobody.
    """
    if not keys.recipient(Role.PAGE).exists():
        return
    for recipient in known:
        if not keys.knows(recipient):
            yield error(
                "strange-recipient",
                f"The register names a key {recipient.key_id} for {recipient.name}, {keys.path} does not.",
                "Look who wrote that, then take it out by `keys reject`; no key is changed before.",
            )


def epochs(known: Sequence[Epoch], vouching: VerifyKey) -> Iterator[Finding]:
    """Whether every key that something is or would be sealed to is one that this installation made."""
    for epoch in strange_epochs(known, vouching):
        yield error(
            "strange-epoch",
            f"The register names an epoch {epoch.id} of the vault's key that this installation did not make.",
            "Look who wrote that, then run `asterisk-gdpr keys reject` where the private keys lie: it keeps "
            "what was made there, also if the signing key was replaced since.",
        )


def escrow(folder: Path) -> Iterator[Finding]:
    """Whether the escrow key still lies beside what it is there to replace; epochs' copies may."""
    try:
        here = any(not path.name.startswith("epoch-") for path in folder.iterdir())
    except FileNotFoundError:
        here = False
    except OSError:
        here = True  # what may not be looked into is not known to be gone
    if here:
        yield warning(
            "escrow-here",
            f"The escrow key still lies in {folder}.",
            "Move it off this machine, to where its passphrase is not.",
        )


def _tried(read: Callable[[], object], folder: Path) -> Iterator[Finding]:
    try:
        read()
    except Damaged as damaged:
        yield error("key-damaged", damaged.message, damaged.hint)
    except Refused as refused:
        yield error(refused.id, refused.message, refused.hint)
    except OSError:
        yield error("key-unreadable", f"{folder} may not be looked into.", _OWNER)


def _closed(id: str, file: Path) -> Iterator[Finding]:
    try:
        open_now = open_to_others(file)
    except OSError:
        return
    if open_now:
        yield error(id, f"Other users may read {file}.", f"Run `chmod 600 {file}`, and think about who has.")


_RECOVER = "Restore the file from a backup, or recover it by the escrow key: `asterisk-gdpr keys recover`."
_OWNER = "Run this as the user who owns it."
