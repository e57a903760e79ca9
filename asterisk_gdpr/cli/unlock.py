"""`unlock` and `lock`: whether the page can open recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret
from asterisk_gdpr.service.keys.control import ask


def unlock(
    context: typer.Context,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
    ] = None,
) -> None:
    """Let the running page open recordings; the ledger has it."""
    config = console_of(context).load().config
    ask(config.paths.run, {"do": "state"})
    ask(config.paths.run, {"do": "unlock", "passphrase": secret("passphrase of the vault", passphrase_file)})
    typer.echo("The vault is unlocked.")


def lock(context: typer.Context) -> None:
    """Let the running page forget the vault's private key."""
    ask(console_of(context).load().config.paths.run, {"do": "lock"})
    typer.echo("The vault is locked.")
