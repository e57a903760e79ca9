"""The vault's recipients: the page, which opens recordings day by day, and escrow, which lies elsewhere.

The order keeps a crash harmless: a recipient counts as made only once its public key lies on the disk,
and by then its private key does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from asterisk_gdpr.core.epoch import Recipient, Role
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey
from asterisk_gdpr.seal.passphrase import DEFAULT_COST, Cost, protect
from asterisk_gdpr.service.keys.key_files import PUBLIC_MODE, SECRET_MODE, Kind, key_text
from asterisk_gdpr.service.new_files import make_folder
from asterisk_gdpr.service.setup.files import Made, make_file
from asterisk_gdpr.service.setup.wishes import Wishes

MIN_PASSPHRASE = 12


@dataclass(frozen=True)
class Passphrases:
    """Of the page's private key, and of the escrow key."""

    page: str
    escrow: str

    def check(self) -> None:
        """Raise Refused for a pair that protects little: `weak-passphrase`, `same-passphrase`."""
        if min(len(self.page), len(self.escrow)) < MIN_PASSPHRASE:
            raise weak_passphrase()
        if self.page == self.escrow:
            raise same_passphrase()

    def of(self, role: Role) -> str:
        """The one of a recipient."""
        return self.page if role is Role.PAGE else self.escrow


def same_passphrase() -> Refused:
    """The error for one passphrase in two places."""
    return Refused(
        "The escrow copy needs a passphrase of its own.",
        hint="It lies elsewhere, and other people keep it.",
        id="same-passphrase",
    )


def weak_passphrase() -> Refused:
    """The error for a passphrase that protects little."""
    return Refused(
        f"A passphrase has at least {MIN_PASSPHRASE} characters.",
        hint="Six words drawn by dice are good, and can be typed.",
        id="weak-passphrase",
    )


def recipient_file(wishes: Wishes, role: Role) -> Path:
    """Where a recipient's private key is written; that of escrow is to be moved away."""
    return wishes.keys.recipient(role) if role is Role.PAGE else wishes.escrow / f"recipient-{role}.json"


def make_recipient(
    wishes: Wishes,
    role: Role,
    passphrases: Callable[[], Passphrases],
    clock: Clock,
    cost: Cost = DEFAULT_COST,
) -> Iterator[Made]:
    """Make a recipient's key pair, unless it is there; `passphrases` is asked only if it is not."""
    if wishes.keys.recipient_public(role).exists():
        return
    chosen = passphrases()
    chosen.check()
    private = VaultPrivateKey.generate()
    yield Made(wishes.escrow, make_folder(wishes.escrow, 0o700), "the copies for escrow")
    file = recipient_file(wishes, role)
    file.unlink(missing_ok=True)  # of a run that was interrupted: nothing is sealed to it
    document = protect(private, chosen.of(role), created_at=to_text(clock.now()), cost=cost)
    what = {
        Role.PAGE: "the page's private key, under its passphrase",
        Role.ESCROW: "the escrow key: move it away from this machine",
    }
    yield make_file(file, document, SECRET_MODE, what[role])
    public = key_text(Kind.RECIPIENT, private.public.to_bytes())
    yield make_file(wishes.keys.recipient_public(role), public, PUBLIC_MODE, f"the public key of the {role}")


def recipient_of(wishes: Wishes, role: Role, clock: Clock) -> Recipient:
    """A recipient as the register knows it, from its public key on the disk."""
    public = wishes.keys.recipient_key(role)
    return Recipient(role, role, ALGORITHM, public.id, public.to_bytes(), clock.now())
