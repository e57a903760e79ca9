"""`recordings dossier`: a recording with everything that vouches for it, for a court or an authority."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.inputs import new_file, write_for_person
from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.errors import Misuse


class Form(StrEnum):
    """How sound is written: both without loss."""

    FLAC = "flac"
    WAV = "wav"


def dossier(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The recording, as `recordings list` names it.")],
    to: Annotated[
        Path, typer.Option(help="A new folder; with --age-to or --copy-passphrase-file a new file.")
    ],
    reason: Annotated[Occasion, typer.Option(help="Why; the ledger has it.")],
    voices: Annotated[Voices, typer.Option(help="Whose voices; only with both is the container in it.")] = (
        Voices.BOTH
    ),
    form: Annotated[Form, typer.Option("--format", help="How the sound is written.")] = Form.FLAC,
    recipient: Annotated[
        str,
        typer.Option("--for", help="Whom you give it to; they must hear of what becomes of it (Art. 19)."),
    ] = "",
    age_to: Annotated[
        list[str] | None, typer.Option(help="One age file for this recipient (age1…), repeatable.")
    ] = None,
    copy_passphrase_file: Annotated[
        Path | None, typer.Option(help="One age file under the passphrase in this file.")
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
    ] = None,
) -> None:
    """Write a recording with a cover sheet, its evidence, its sealed container, and how to check them.

    Without encryption the folder is for yourself alone (mode 0700).
    """
    from asterisk_gdpr.seal.age import check_passphrase, recipient_of, seal_by, seal_to
    from asterisk_gdpr.service.dossier import Dossiers, zipped
    from asterisk_gdpr.service.exports import Exports
    from asterisk_gdpr.service.new_files import make_folder

    if age_to and copy_passphrase_file:
        raise Misuse("A copy is encrypted to recipients or by a passphrase, not both.")
    new_file(to)
    for each in age_to or []:
        recipient_of(each)
    copy_passphrase = secret("passphrase of the copy", copy_passphrase_file) if copy_passphrase_file else ""
    if copy_passphrase:
        check_passphrase(copy_passphrase)
    with console_of(context).installation() as installation:
        keeper = installation.keeper()
        register, vault, clock = installation.register(), installation.vault(), installation.clock
        exports = Exports(register, vault, keeper, installation.listening(keeper), clock)
        exports.check(id)
        keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
        dossiers = Dossiers(
            register,
            vault,
            keeper,
            exports,
            installation.signing_key(),
            installation.verify_keys(),
            clock,
            installation.press(),
        )
        files = dossiers.make(id, who(), reason, recipient=recipient, voices=voices, form=form.value)
    if age_to:
        write_for_person(to, seal_to(zipped(files), age_to))
    elif copy_passphrase:
        write_for_person(to, seal_by(zipped(files), copy_passphrase))
    else:
        make_folder(to, 0o700)
        for name, data in files.items():
            write_for_person(to / name, data)
        typer.echo(f"Wrote {to} in plaintext: from now on you must protect and erase it.")
        return
    typer.echo(f"Wrote {to}.")
