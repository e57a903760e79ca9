"""`backup` and `restore`: a register that can live again elsewhere, without what was erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.inputs import new_file
from asterisk_gdpr.cli.output import AsJson, print_json
from asterisk_gdpr.errors import Refused


def backup(
    context: typer.Context,
    to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; it ends in .age by custom.")],
    recipient: Annotated[
        list[str] | None,
        typer.Option(help="Who can open it, repeatable: age1…; else backup.recipients of the configuration."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write register, ledger, policy and signing and index keys into one file in the age format.

    Calls go on meanwhile.
    It holds no audio, and never a private key of the vault.
    """
    from asterisk_gdpr.bootstrap.backing_up import back_up

    new_file(to)
    with console_of(context).installation() as installation:
        recipients = recipient or list(installation.config.backup.recipients)
        digest = back_up(installation, to.absolute(), recipients, who())
    if as_json:
        print_json({"file": to, "sha256": digest})
    else:
        typer.echo(f"Wrote {to} ({digest}).")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where config.yaml is to be; it is empty.")],
    identity: Annotated[Path, typer.Option(metavar="FILE", help="The key that opens it, by `age-keygen`.")],
    journal: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A copy of the erasure journal, or its folder, repeatable."),
    ] = None,
    accept_missing_journal: Annotated[
        bool,
        typer.Option(
            "--accept-missing-journal",
            help="Restore although the journal is missing, older or cut; ledger and an alarm tell of it.",
        ),
    ] = False,
    state: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The state folder, if it is to be elsewhere now.")
    ] = None,
    spool: Annotated[Path | None, typer.Option(metavar="DIR", help="The spool, likewise.")] = None,
    run_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="The run folder, likewise.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make an installation of a backup in an empty place, and erase again what was erased since.

    Nothing is served before that is done.
    Exit 1 if something of it waits for the vault, or for a person.
    """
    from asterisk_gdpr.bootstrap.restoring import restore as restore_backup
    from asterisk_gdpr.seal.age import identities_in
    from asterisk_gdpr.service.keys.key_files import read_private

    given = {"state": state, "spool": spool, "run": run_dir}
    try:
        identities = identities_in(read_private(identity).decode())
    except UnicodeDecodeError:
        raise Refused(f"{identity} is not a file of `age-keygen`.", id="not-an-identity") from None
    restored = restore_backup(
        file,
        folder.absolute(),
        identities=identities,
        journals=journal or [],
        without_journal=accept_missing_journal,
        moved={name: path.absolute() for name, path in given.items() if path is not None},
        by=who(),
        clock=console_of(context).clock,
    )
    told = {
        "backup_at": restored.about.created_at,
        "journal_until": restored.journal_until,
        "epoch": restored.about.epoch,
        "destroyed": restored.replayed.destroyed,
        "ordered": restored.replayed.ordered,
        "left": restored.replayed.left,
        "pending": restored.pending,
    }
    if as_json:
        print_json(told)
    else:
        typer.echo(
            f"Restored as of {restored.about.created_at}; erasures are known until {restored.journal_until}."
        )
        typer.echo(f"Erased again: {len(restored.replayed.destroyed)}; waiting: {len(restored.pending)}.")
        for recording in restored.replayed.left:
            typer.echo(
                f"A hold of the backup keeps {recording}, which had been erased: a person must decide."
            )
        typer.echo(
            "Older than it was: agents who withdrew, the never list, users, and requests, of which some"
        )
        typer.echo("may have had their answer since; look through them first.")
        typer.echo("Next: `init` for what is missing, then `keys recover` with the escrow key, then `check`.")
    if restored.pending or restored.replayed.left:
        raise typer.Exit(1)
