"""The page's private key gets another protection: a token, or a passphrase again.

    a new pair, its files beside the old ones → every living epoch sealed to it, in files beside
    → its public key in the register → the epochs' files and its own take the place of the old ones

From the second step on the new protection opens everything, wherever it is killed; running it again ends it.
A new pair, and not the old one in another file: whoever copied the old file and learns its passphrase must
not open what comes after. Epochs that began before stay open to the old pair until they end, so a change of
the vault's key belongs to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from asterisk_gdpr.core.epoch import Recipient, Role
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, EpochBook, HardwareToken, LedgerBook, Upkeep
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey
from asterisk_gdpr.seal.passphrase import DEFAULT_COST, Cost, protect
from asterisk_gdpr.seal.token_file import protect_by_token
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.epochs import write_for
from asterisk_gdpr.service.keys.key_files import (
    NEXT,
    PUBLIC_MODE,
    SECRET_MODE,
    KeyFolder,
    Kind,
    coming,
    key_text,
)
from asterisk_gdpr.service.new_files import remove_file, replace_file


class Book(EpochBook, LedgerBook, Upkeep, Protocol):
    """What a new key of the page needs of the register."""


def none_missing(register: EpochBook, opened: Mapping[str, VaultPrivateKey]) -> list[str]:
    """The living epochs, all of which are at hand; Refused (`epoch-key-missing`) otherwise."""
    living = [epoch.id for epoch in register.epochs() if epoch.destroyed_at is None]
    if missing := [id for id in living if id not in opened]:
        raise Refused(
            f"The private key of the epoch {missing[0]} is not at hand: the new key would not open it.",
            hint="Recover it by the escrow key first: `asterisk-gdpr keys recover`.",
            id="epoch-key-missing",
        )
    return living


def to_token(token: HardwareToken, pin: str, label: str, clock: Clock) -> tuple[VaultPrivateKey, bytes]:
    """A new pair, and its file under the token, in which its key is made if it is not there."""
    page = VaultPrivateKey.generate()
    token.make_key(pin)
    content, wrapped = token.fresh(pin)
    if token.unwrap(pin, wrapped) != content:
        raise Refused("The token does not give back what it has wrapped.", id="token-failed")
    return page, protect_by_token(page, content, wrapped, token=label, created_at=to_text(clock.now()))


def to_passphrase(passphrase: str, clock: Clock, cost: Cost = DEFAULT_COST) -> tuple[VaultPrivateKey, bytes]:
    """A new pair, and its file under a passphrase."""
    page = VaultPrivateKey.generate()
    return page, protect(page, passphrase, created_at=to_text(clock.now()), cost=cost)


def take(
    register: Book,
    keys: KeyFolder,
    files: EpochFiles,
    clock: Clock,
    made: tuple[VaultPrivateKey, bytes],
    opened: Mapping[str, VaultPrivateKey],
) -> Sequence[str]:
    """Let the page open by this pair from now on; returns the living epochs that it opens.

    `opened` are the private keys at hand; Refused (`epoch-key-missing`) when one of a living epoch is not.
    """
    page, document = made
    living = none_missing(register, opened)
    recipient = Recipient(
        Role.PAGE, Role.PAGE, ALGORITHM, page.public.id, page.public.to_bytes(), clock.now()
    )
    public = key_text(Kind.RECIPIENT, page.public.to_bytes())
    replace_file(keys.recipient(NEXT), document, SECRET_MODE)
    replace_file(keys.recipient_public(coming(Role.PAGE)), public, PUBLIC_MODE)
    for id in living:
        write_for(opened[id], replace(recipient, name=NEXT), files, register, clock)
    register.add_recipient(recipient)
    replace_file(keys.recipient_public(Role.PAGE), public, PUBLIC_MODE)
    for id in living:
        write_for(opened[id], recipient, files, register, clock)
    replace_file(keys.recipient(Role.PAGE), document, SECRET_MODE)
    beside = (keys.recipient(NEXT), keys.recipient_public(coming(Role.PAGE)))
    for path in (*beside, *(keys.epoch(id, NEXT) for id in living)):
        remove_file(path)
    return living
