"""`keys reject`: what somebody slipped into the register as a key of ours is taken out."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.service.exclusive import exclusive

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation


def reject(context: typer.Context) -> None:
    """Take every key out of the register that this installation did not make, and vouch for ours again.

    To be done where the private keys lie, once it is known who wrote that; the ledger has it.
    While there is one nothing new is recorded, or the vault's key is not changed.
    """
    from asterisk_gdpr.service.keys import strangers

    with console_of(context).installation() as installation, _alone(installation):
        found = strangers.reject(
            installation.register(),
            installation.keys,
            installation.epoch_files(),
            installation.signing_key(),
            installation.clock,
            who(),
        )
    for epoch in found.epochs:
        typer.echo(f"The epoch {epoch.id} is taken out.")
    for recipient in found.recipients:
        typer.echo(f"The key {recipient.key_id} of {recipient.name} is taken out.")
    if not found:
        typer.echo("The register names no key that this installation did not make.")


def _alone(installation: Installation) -> AbstractContextManager[None]:
    return exclusive(installation.config.paths.state / "keys.lock", "changes the vault's key")
