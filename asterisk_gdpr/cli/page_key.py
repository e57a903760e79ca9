"""`keys to-token | to-passphrase`: under what the page's private key lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.keys import PassphraseFile, new_passphrase, opened_by
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.exclusive import exclusive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asterisk_gdpr.bootstrap.installation import Installation
    from asterisk_gdpr.seal.keys import VaultPrivateKey


def to_token(
    context: typer.Context,
    passphrase_file: PassphraseFile = None,
    pin_file: Annotated[Path | None, typer.Option(help="The token's PIN, instead of asking.")] = None,
) -> None:
    """Put the page's private key under the token of the configuration; its PIN then unlocks the vault.

    The page gets a new pair, and the AES key that it lies under is made in the token and never leaves it.
    Afterwards `keys rotate`: until then the old passphrase, with a copy of the old file, opens what is
    sealed now.
    """
    from asterisk_gdpr.service.keys import page_key

    with console_of(context).installation() as installation:
        token, at = installation.token(), installation.config.token
        if token is None or at is None:
            raise Refused(
                "The configuration has no token.", hint="Write `token:` into it first.", id="no-token"
            )
        opened = _opened(installation, passphrase_file)
        made = page_key.to_token(token, secret("PIN of the token", pin_file), at.label, installation.clock)
        _take(installation, made, opened)
    typer.echo("The vault opens by the token's PIN now. Run `asterisk-gdpr keys rotate`.")


def to_passphrase(
    context: typer.Context,
    passphrase_file: PassphraseFile = None,
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's new passphrase, instead of asking.")
    ] = None,
) -> None:
    """Put the page's private key under a passphrase: instead of a token, or instead of another passphrase.

    The page gets a new pair.
    Afterwards `keys rotate`: until then what opened the vault before, with a copy of the old file, opens
    what is sealed now.
    """
    from asterisk_gdpr.service.keys import page_key

    console = console_of(context)
    with console.installation() as installation:
        # A file that holds none is told before the vault is unlocked, which is an act of its own.
        in_file = new_passphrase(new_passphrase_file) if new_passphrase_file else ""
        opened = _opened(installation, passphrase_file)
        passphrase = in_file or new_passphrase(None)
        _take(installation, page_key.to_passphrase(passphrase, installation.clock, console.cost), opened)
    typer.echo("The vault opens by the new passphrase now. Run `asterisk-gdpr keys rotate`.")


def _opened(installation: Installation, passphrase_file: Path | None) -> Mapping[str, VaultPrivateKey]:
    return opened_by(installation, secret("passphrase of the vault, or PIN of its token", passphrase_file))


def _take(
    installation: Installation, made: tuple[VaultPrivateKey, bytes], opened: Mapping[str, VaultPrivateKey]
) -> None:
    from asterisk_gdpr.service.keys import page_key

    register, clock = installation.register(), installation.clock
    with exclusive(installation.config.paths.state / "keys.lock", "changes the vault's key"):
        page_key.take(register, installation.keys, installation.epoch_files(), clock, made, opened)
        register.record("page-key-changed", {"user": who()}, clock.now())
