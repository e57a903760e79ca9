"""`recordings export`: a recording in other hands, its sound alone or with everything that vouches for it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.inputs import new_file, write_folder, write_for_person
from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.errors import Misuse

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation
    from asterisk_gdpr.service.keys.keeper import Keeper
    from asterisk_gdpr.service.listening.dossier import Dossiers
    from asterisk_gdpr.service.listening.exports import Exports


class Form(StrEnum):
    """How sound is written: both without loss."""

    FLAC = "flac"
    WAV = "wav"


def export(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The recording, as `recordings list` names it.")],
    to: Annotated[
        Path,
        typer.Option(
            help="A new folder; with --age-to or --copy-passphrase-file a new file; "
            "NAME.wav or NAME.flac for the sound alone."
        ),
    ],
    reason: Annotated[Occasion, typer.Option(help="Why; the ledger has it.")],
    voices: Annotated[Voices, typer.Option(help="Whose voices; only with both is the container in it.")] = (
        Voices.BOTH
    ),
    form: Annotated[
        Form,
        typer.Option("--format", help="How the sound is written; NAME.wav and NAME.flac say it by name."),
    ] = Form.FLAC,
    hold: Annotated[
        str, typer.Option(help="For the case of this hold, when no purpose lives any more.")
    ] = "",
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

    Without encryption it is for yourself alone (a folder of mode 0700, or a file of 0600).
    """
    from asterisk_gdpr.seal.age import check_passphrase, recipient_of, seal_by, seal_to
    from asterisk_gdpr.service.listening.dossier import Dossier, sound_as, zipped

    if age_to and copy_passphrase_file:
        raise Misuse("A copy is encrypted to recipients or by a passphrase, not both.")
    sealed = bool(age_to or copy_passphrase_file)
    alone = to.suffix[1:] if to.suffix in (".wav", ".flac") else ""
    if alone and sealed:
        raise Misuse("The sound alone is written in plaintext; name another file for one that is encrypted.")
    if to.suffix and not alone and not sealed:
        raise typer.BadParameter(
            "the sound alone is .wav or .flac, and a folder's name has no ending", param_hint="--to"
        )
    new_file(to)
    for each in age_to or []:
        recipient_of(each)
    copy_passphrase = secret("passphrase of the copy", copy_passphrase_file) if copy_passphrase_file else ""
    if copy_passphrase:
        check_passphrase(copy_passphrase)
    with console_of(context).installation() as installation:
        keeper = installation.keeper()
        exports, dossiers = _parts(installation, keeper)
        exports.check(id, hold)
        keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
        if alone:
            exported = exports.take(id, who(), reason, hold, recipient=recipient)
            made = Dossier({to.name: sound_as(exported, voices, alone)}, exported.silent)
        else:
            made = dossiers.make(
                id, who(), reason, hold=hold, recipient=recipient, voices=voices, form=form.value
            )
    if age_to:
        write_for_person(to, seal_to(zipped(made.files), age_to))
    elif copy_passphrase:
        write_for_person(to, seal_by(zipped(made.files), copy_passphrase))
    elif alone:
        write_for_person(to, made.files[to.name])
    else:
        write_folder(to, made.files)
    plain = "" if sealed else " in plaintext: from now on you must protect and erase it"
    typer.echo(f"Wrote {to}{plain}.")
    for span in made.silent:
        typer.echo(f"Silent, because it is missing or damaged: {span.start:.1f} s to {span.end:.1f} s.")


def _parts(installation: Installation, keeper: Keeper) -> tuple[Exports, Dossiers]:
    from asterisk_gdpr.bootstrap.desks import dossiers

    exports = installation.exports(keeper)
    return exports, dossiers(installation, keeper, exports)
