"""The vault's first key pair, with the escrow copy of its private half.

The order keeps a crash harmless: the pair counts as made only once its epoch is in the register,
and by then both copies of the private half are on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock
from asterisk_gdpr.seal.keys import VaultPrivateKey, VaultPublicKey
from asterisk_gdpr.seal.passphrase import DEFAULT_COST, Cost, protect
from asterisk_gdpr.service.key_files import PUBLIC_MODE, SECRET_MODE, KeyFolder, Kind, key_text
from asterisk_gdpr.service.new_files import make_folder
from asterisk_gdpr.service.setup.files import Made, make_file
from asterisk_gdpr.service.setup.wishes import Wishes

MIN_PASSPHRASE = 12


@dataclass(frozen=True)
class Passphrases:
    """For the page's copy of the vault's private key, and for the escrow copy."""

    page: str
    escrow: str

    def check(self) -> None:
        """Raise Refused for a pair that protects little: `weak-passphrase`, `same-passphrase`."""
        if min(len(self.page), len(self.escrow)) < MIN_PASSPHRASE:
            raise Refused(
                f"A passphrase has at least {MIN_PASSPHRASE} characters.",
                hint="Six words drawn by dice are good, and can be typed.",
                id="weak-passphrase",
            )
        if self.page == self.escrow:
            raise Refused(
                "The escrow copy needs a passphrase of its own.",
                hint="It lies elsewhere, and other people keep it.",
                id="same-passphrase",
            )


def make_vault_key(
    wishes: Wishes, passphrases: Passphrases, clock: Clock, cost: Cost = DEFAULT_COST
) -> tuple[VaultPublicKey, list[Made]]:
    """Make the vault's key pair, both copies of its private half, and return its public half.

    Its epoch is not begun by this: see `unfinished_vault_key` for what an interruption leaves.
    """
    passphrases.check()
    private = VaultPrivateKey.generate()
    public, created_at = private.public, to_text(clock.now())
    files = [
        (
            wishes.escrow / f"vault-{public.id}.escrow.json",
            protect(private, passphrases.escrow, created_at=created_at, cost=cost),
            SECRET_MODE,
            "escrow copy of the vault's private key: move it away from this machine",
        ),
        (
            wishes.keys.vault_public(public.id),
            key_text(Kind.VAULT_PUBLIC, public.to_bytes()),
            PUBLIC_MODE,
            "the vault's public key",
        ),
        (
            wishes.keys.vault_private(public.id),
            protect(private, passphrases.page, created_at=created_at, cost=cost),
            SECRET_MODE,
            "the vault's private key under the page's passphrase",
        ),
    ]
    folder = Made(wishes.escrow, make_folder(wishes.escrow, 0o700), "the escrow copy")
    return public, [folder, *(make_file(path, data, mode, what) for path, data, mode, what in files)]


def unfinished_vault_key(keys: KeyFolder) -> VaultPublicKey | None:
    """A key pair whose files are all here although no epoch was begun: the last file made proves the rest."""
    documents = keys.vault_documents()
    if not documents:
        return None
    return keys.vault_public_key(documents[-1].stem.removeprefix("vault-"))
