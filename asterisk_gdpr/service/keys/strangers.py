"""Keys that the register names and this installation did not make, and how they are taken out.

Whoever can write to the register could name a key of their own: an epoch's, to which everything would be
sealed, or a recipient's, to which the next epoch would be. Neither is believed: an epoch's key bears the
signed word of the installation (`seal.vouchers`), a recipient's lies in a file of the keys' folder. While
there is a strange one nothing is recorded, or no epoch begins; a person looks, and takes it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from asterisk_gdpr.core.epoch import Epoch, Recipient, Role
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports import Clock, EpochBook, LedgerBook
from asterisk_gdpr.seal.keys import ALGORITHM
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.key_files import KeyFolder
from asterisk_gdpr.service.keys.vault_keys import strange_epochs, voucher_of


class Book(EpochBook, LedgerBook, Protocol):
    """What is needed of the register."""


@dataclass(frozen=True)
class Strangers:
    """The keys that are not ours."""

    epochs: Sequence[Epoch]
    recipients: Sequence[Recipient]

    def __bool__(self) -> bool:
        return bool(self.epochs or self.recipients)


def strangers(register: EpochBook, files: EpochFiles, vouching: VerifyKey) -> Strangers:
    """Those that the register names now."""
    return Strangers(strange_epochs(register.epochs(), vouching), files.strangers(register.recipients()))


def reject(
    register: Book, keys: KeyFolder, files: EpochFiles, signer: SigningKey, clock: Clock, by: str
) -> Strangers:
    """Take them out, and name again who has their place by the files here; the ledger is told of each.

    What was made here and lacks the word of the signing key in use gets it first.
    Refused (`epoch-lives`) when something is sealed to a strange epoch: then only that one stays.
    """
    vouch_for_own(register, files, signer)
    found = strangers(register, files, signer.verify_key)
    for recipient in found.recipients:
        register.reject_recipient(recipient.name, recipient.key_id, by, clock.now())
    _name_again(register, keys, clock)
    kept = [each.id for each in found.epochs if not register.reject_epoch(each.id, by, clock.now())]
    if kept:
        raise Refused(
            f"Something is sealed to the strange epoch {kept[0]}, which nobody here can open.",
            hint="Restore the register from a backup of before, or erase what is sealed to it.",
            id="epoch-lives",
        )
    return found


def _name_again(register: Book, keys: KeyFolder, clock: Clock) -> None:
    known = {each.name for each in register.recipients()}
    for role in Role:
        if role in known:
            continue
        try:
            public = keys.recipient_key(role)
        except GdprError:
            continue  # `check` tells that it is missing, and no epoch begins without it
        register.add_recipient(Recipient(role, role, ALGORITHM, public.id, public.to_bytes(), clock.now()))


def vouch_for_own(register: EpochBook, files: EpochFiles, signer: SigningKey) -> list[Epoch]:
    """Give our word anew for epochs whose private key lies here for the page; returns which.

    They are from before there were vouchers, or the signing key was replaced.
    """
    ours = [
        epoch
        for epoch in strange_epochs(register.epochs(), signer.verify_key)
        if files.is_of_here(epoch.id, register.recipients())
    ]
    for epoch in ours:
        register.vouch_epoch(epoch.id, voucher_of(epoch, signer))
    return ours
