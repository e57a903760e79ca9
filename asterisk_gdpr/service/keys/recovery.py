"""The drill for the loss of the page's key: the escrow key opens what the page's opened, and makes a new one.

    escrow key opened by its passphrase or its token's PIN → every living epoch opened from its escrow copy
    → a new private key for the page, under a new passphrase → the epochs sealed to it

Nothing of the register is sealed anew, so it takes seconds, however much is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from asterisk_gdpr.core.epoch import Recipient, Role
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports import Clock, EpochBook, HardwareToken, LedgerBook, Upkeep
from asterisk_gdpr.seal.epochs import open_epoch, read_epoch_file
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey
from asterisk_gdpr.seal.passphrase import DEFAULT_COST, Cost, protect
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.epochs import write_for
from asterisk_gdpr.service.keys.escrow_key import unlocked_by
from asterisk_gdpr.service.keys.key_files import (
    PUBLIC_MODE,
    SECRET_MODE,
    KeyFolder,
    Kind,
    key_text,
    read_private,
)
from asterisk_gdpr.service.new_files import replace_file


class Book(EpochBook, LedgerBook, Upkeep, Protocol):
    """What a recovery needs of the register."""


@dataclass(frozen=True)
class Recovered:
    """The epochs that open again, and those that are alive without an escrow copy at hand."""

    opened: tuple[str, ...]
    missing: tuple[str, ...]


def recover(
    register: Book,
    keys: KeyFolder,
    files: EpochFiles,
    clock: Clock,
    *,
    escrow_document: bytes,
    escrow_secret: str,
    token: HardwareToken | None = None,
    copies: Iterable[Path],
    new_passphrase: str,
    by: str,
    cost: Cost = DEFAULT_COST,
) -> Recovered:
    """Give the page a new key by the escrow key; `copies` are files of epochs, whichever there are.

    Raises as `escrow_key.unlocked_by`, and Refused (`no-escrow-copy`); then nothing was changed.
    """
    escrow = unlocked_by(escrow_document, escrow_secret, token)
    living = [epoch.id for epoch in register.epochs() if epoch.destroyed_at is None]
    opened = opened_by(escrow, copies)
    found = [id for id in living if id in opened]
    if not found:
        raise Refused(
            "None of the escrow copies at hand holds a living epoch for this escrow key.",
            hint="Bring the folder of the escrow copies: epochs.escrow in the configuration.",
            id="no-escrow-copy",
        )
    page = VaultPrivateKey.generate()
    now = clock.now()
    recipient = Recipient(Role.PAGE, Role.PAGE, ALGORITHM, page.public.id, page.public.to_bytes(), now)
    document = protect(page, new_passphrase, created_at=to_text(now), cost=cost)
    replace_file(keys.recipient(Role.PAGE), document, SECRET_MODE)
    public = key_text(Kind.RECIPIENT, page.public.to_bytes())
    replace_file(keys.recipient_public(Role.PAGE), public, PUBLIC_MODE)
    register.add_recipient(recipient)
    for id in found:
        write_for(opened[id], recipient, files, register, clock)
    missing = [id for id in living if id not in opened]
    told = {"user": by, "epochs": list(found), "missing": list(missing)}
    register.record("key-recovered", told, now)
    return Recovered(tuple(found), tuple(missing))


def opened_by(escrow: VaultPrivateKey, copies: Iterable[Path]) -> dict[str, VaultPrivateKey]:
    """Every epoch that an escrow key opens from its copies, by id; raises Refused or Damaged."""
    opened = {}
    for path in copies:
        document = read_private(path)
        try:
            file = read_epoch_file(document)
        except GdprError:
            continue  # a damaged copy; another folder may have a whole one
        if file.recipient == escrow.public.id:
            opened[file.epoch] = open_epoch(document, escrow)
    return opened


def copies_in(folders: Sequence[Path]) -> list[Path]:
    """Every file of an epoch's key in these folders."""
    return sorted(path for folder in folders for path in folder.glob("epoch-*.json"))
