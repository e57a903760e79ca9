"""`keys`: the vault's epochs, their change and their end, and the drill for the loss of a key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.inputs import new_file, write_for_person
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.exclusive import exclusive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from asterisk_gdpr.adapters.token import Pkcs11Token
    from asterisk_gdpr.bootstrap.installation import Installation
    from asterisk_gdpr.seal.keys import VaultPrivateKey
    from asterisk_gdpr.service.keys.epochs import Epochs

app = typer.Typer(no_args_is_help=True, help="The keys of the vault: epochs, their change and their end.")

PassphraseFile = Annotated[
    Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
]
AES_LABEL = "asterisk-gdpr"
TokenModule = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The PKCS#11 module of the token that the escrow key lies under."),
]
TokenKey = Annotated[str, typer.Option(metavar="LABEL", help="The label of the AES key in that token.")]
Id = Annotated[str, typer.Argument(metavar="EPOCH", help="The epoch, as `keys status` names it.")]


@app.command("status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Tell of every epoch what is sealed to it and where its private key lies.

    Exit 1 if one is overdue, or if the register names a key that this installation did not make.
    """
    from asterisk_gdpr.core.epoch import is_overdue
    from asterisk_gdpr.service.keys.epochs import GRACE

    with console_of(context).installation() as installation:
        standings = installation.epochs(installation.keeper()).standings()
        recipients = installation.register().recipients()
        epochs = [standing.epoch for standing in standings]
        overdue = is_overdue(epochs, installation.epoch_life, GRACE, installation.clock.now())
        strange = installation.strange_keys()
        if as_json:
            print_json(
                {
                    "overdue": overdue,
                    "strange": strange,
                    "recipients": [
                        {
                            "name": each.name,
                            "role": each.role,
                            "algorithm": each.algorithm,
                            "key_id": each.key_id,
                            "added_at": each.added_at,
                        }
                        for each in recipients
                    ],
                    "epochs": [
                        {
                            "id": each.epoch.id,
                            "algorithm": each.epoch.algorithm,
                            "began_at": each.epoch.began_at,
                            "ended_at": each.epoch.ended_at,
                            "destroyed_at": each.epoch.destroyed_at,
                            "sealed": each.sealed,
                            "files": each.files,
                        }
                        for each in standings
                    ],
                }
            )
        else:
            rows = [
                (
                    each.epoch.id,
                    local(installation, each.epoch.began_at),
                    local(installation, each.epoch.ended_at),
                    local(installation, each.epoch.destroyed_at),
                    each.sealed,
                    each.files,
                )
                for each in standings
            ]
            head = ("EPOCH", "BEGAN", "ENDED", "DESTROYED", "SEALED", "FILES")
            print_table(head, rows, "There is no epoch: run `asterisk-gdpr init` again.")
            for each in recipients:
                typer.echo(f"Recipient {each.name} ({each.role}): {each.key_id}, {each.algorithm}")
            for id in strange:
                typer.echo(f"This installation did NOT make {id}: look who wrote that, then `keys reject`.")
            if overdue:
                typer.echo("The change of the vault's key is OVERDUE.")
    if overdue or strange:
        raise typer.Exit(1)


@app.command("rotate")
def rotate(context: typer.Context, passphrase_file: PassphraseFile = None) -> None:
    """Begin a new epoch, seal everything anew to it, and destroy the private keys of the earlier ones.

    What is interrupted is carried on by `keys rewrap`, or by the page once it is unlocked.
    Backups of the register that were made before open nothing afterwards: make one.
    """
    with console_of(context).installation() as installation:
        epochs = _unlocked(installation, passphrase_file)
        begun = epochs.rotate(who(), _progress)
        typer.echo(f"The epoch {begun.id} has begun, and everything is sealed to it.")
        typer.echo("Backups of the register that were made before open nothing any more: make one now.")


@app.command("rewrap")
def rewrap(context: typer.Context, passphrase_file: PassphraseFile = None) -> None:
    """Carry on a change of the vault's key that was interrupted: seal anew, and end the earlier epochs."""
    with console_of(context).installation() as installation:
        gone = _unlocked(installation, passphrase_file).finish(_progress)
    for epoch in gone:
        typer.echo(f"The private key of the epoch {epoch.id} is destroyed.")
    if not gone:
        typer.echo("Nothing is sealed to an earlier epoch.")


@app.command("destroy")
def destroy(context: typer.Context, epoch: Id) -> None:
    """Destroy the private key of an earlier epoch to which nothing is sealed any more, with a certificate.

    It is refused while anything is: that is sealed anew by `keys rewrap`.
    """
    with console_of(context).installation() as installation:
        installation.epochs(installation.keeper()).destroy(epoch)
    typer.echo(f"The private key of the epoch {epoch} is destroyed.")


@app.command("certificate")
def certificate(
    context: typer.Context,
    epoch: Id,
    to: Annotated[Path | None, typer.Option(help="A new file instead of the screen.")] = None,
) -> None:
    """Hand out the certificate that an epoch's private key was destroyed."""
    with console_of(context).installation() as installation:
        found = next((each for each in installation.register().epochs() if each.id == epoch), None)
    if found is None:
        raise Refused(f"There is no epoch {epoch}.", id="unknown-epoch")
    if found.certificate is None:
        raise Refused(f"The private key of the epoch {epoch} is not destroyed.", id="no-certificate")
    if to is None:
        typer.echo(found.certificate.decode(), nl=False)
    else:
        write_for_person(to, found.certificate)
        typer.echo(f"Wrote {to}.")


@app.command("recover")
def recover(
    context: typer.Context,
    escrow_key: Annotated[
        Path, typer.Argument(metavar="FILE", help="The escrow key, recipient-escrow.json.")
    ],
    copies: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A folder of escrow copies, repeatable; else epochs.escrow."),
    ] = None,
    escrow_passphrase_file: Annotated[
        Path | None, typer.Option(help="The escrow key's passphrase, instead of asking.")
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's new passphrase, instead of asking.")
    ] = None,
    token_module: TokenModule = None,
    token_key: TokenKey = AES_LABEL,
) -> None:
    """Give the page a new key by the escrow key, when its own or its passphrase is lost.

    An escrow key that lies under a token needs that token, and its PIN in the place of the passphrase.

    Exit 1 if an epoch is alive of which no escrow copy is at hand.
    """
    from asterisk_gdpr.service.keys import recovery
    from asterisk_gdpr.service.keys.key_files import read_private
    from asterisk_gdpr.service.setup.vault_key import MIN_PASSPHRASE, weak_passphrase

    console = console_of(context)
    with console.installation() as installation:
        document = read_private(escrow_key)
        token = _token_of(document, token_module, token_key)
        escrow_secret = secret("passphrase of the escrow key, or PIN of its token", escrow_passphrase_file)
        passphrase = secret("new passphrase of the vault", passphrase_file, new=True)
        if len(passphrase) < MIN_PASSPHRASE:
            raise weak_passphrase()
        recovered = recovery.recover(
            installation.register(),
            installation.keys,
            installation.epoch_files(),
            installation.clock,
            escrow_document=document,
            escrow_secret=escrow_secret,
            token=token,
            copies=recovery.copies_in(copies or installation.config.epochs.escrow),
            new_passphrase=passphrase,
            by=who(),
            cost=console.cost,
        )
    typer.echo(f"The vault opens by the new passphrase: {', '.join(recovered.opened)}.")
    _tell_missing(recovered.missing)


@app.command("drill")
def drill(
    context: typer.Context,
    escrow_key: Annotated[
        Path, typer.Argument(metavar="FILE", help="The escrow key, recipient-escrow.json.")
    ],
    escrow_passphrase_file: Annotated[
        Path | None, typer.Option(help="The escrow key's passphrase, instead of asking.")
    ] = None,
    token_module: TokenModule = None,
    token_key: TokenKey = AES_LABEL,
) -> None:
    """Try the escrow key on every copy at hand, in memory; nothing is changed, and the ledger has it.

    Exit 1 if an epoch is alive that it does not open.
    """
    from asterisk_gdpr.bootstrap.desks import escrow_drill
    from asterisk_gdpr.service.keys.key_files import read_private

    with console_of(context).installation() as installation:
        document = read_private(escrow_key)
        token = _token_of(document, token_module, token_key)
        said = secret("passphrase of the escrow key, or PIN of its token", escrow_passphrase_file)
        tried = escrow_drill(installation).rehearse(document, said, who(), token)
    for epoch in tried.opened:
        typer.echo(f"The escrow key opens the epoch {epoch}.")
    _tell_missing(tried.missing)


@app.command("new-escrow")
def new_escrow(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Its new file, on what is carried away.")],
    passphrase_file: PassphraseFile = None,
    escrow_passphrase_file: Annotated[
        Path | None,
        typer.Option(help="The escrow key's new passphrase, or the PIN of its token, instead of asking."),
    ] = None,
    token_module: TokenModule = None,
    token_label: Annotated[
        str, typer.Option(metavar="LABEL", help="The token that it is to lie under, with --token-module.")
    ] = "",
    token_key: TokenKey = AES_LABEL,
) -> None:
    """Make a new escrow key: under a token, under another passphrase, or in the place of a lost one.

    Everything that is alive is sealed to it; the AES key that it lies under never leaves the token.
    Afterwards `keys rotate`: until then the old escrow key, with the old copies, opens what is sealed now.
    """
    from asterisk_gdpr.adapters.token import Pkcs11Token
    from asterisk_gdpr.service.keys import escrow_key, page_key
    from asterisk_gdpr.service.setup.vault_key import same_passphrase

    console = console_of(context)
    if (token_module is None) != (not token_label):
        raise typer.BadParameter(
            "name both the module and the label of the token", param_hint="--token-label"
        )
    new_file(file)
    with console.installation() as installation:
        said = secret("passphrase of the vault, or PIN of its token", passphrase_file)
        register, clock = installation.register(), installation.clock
        if token_module is None:
            chosen = new_passphrase(escrow_passphrase_file, "new passphrase of the escrow key")
            if chosen == said:
                raise same_passphrase()
            made = page_key.to_passphrase(chosen, clock, console.cost)
        else:
            token = Pkcs11Token(token_module, token_label, token_key)
            pin = secret("PIN of the escrow key's token", escrow_passphrase_file)
            made = page_key.to_token(token, pin, token_label, clock)
        opened = opened_by(installation, said)  # the ledger has it: all that was typed is good by now
        with exclusive(installation.config.paths.state / "keys.lock", "changes the vault's key"):
            page_key.none_missing(register, opened)
            write_for_person(file, made[1])
            files = installation.epoch_files()
            escrow_key.take(register, installation.keys, files, clock, made[0].public, opened)
            register.record("escrow-key-changed", {"user": who()}, clock.now())
    typer.echo(f"{file} is the escrow key now: carry it away. Run `asterisk-gdpr keys rotate`.")


def _token_of(document: bytes, module: Path | None, key: str) -> Pkcs11Token | None:
    """The token that a key file names, where its module is named."""
    from asterisk_gdpr.adapters.token import Pkcs11Token
    from asterisk_gdpr.seal.token_file import is_token_file, read_token_file

    if module is None or not is_token_file(document):
        return None
    return Pkcs11Token(module, read_token_file(document).token, key)


def new_passphrase(file: Path | None, what: str = "new passphrase of the vault") -> str:
    """What is typed twice, or stands in the file; raises Refused for a weak one."""
    from asterisk_gdpr.service.setup.vault_key import MIN_PASSPHRASE, weak_passphrase

    passphrase = secret(what, file, new=True)
    if len(passphrase) < MIN_PASSPHRASE:
        raise weak_passphrase()
    return passphrase


def opened_by(installation: Installation, said: str) -> Mapping[str, VaultPrivateKey]:
    """The private keys of living epochs; the ledger has it. Raises Refused where it does not open them."""
    keeper = installation.keeper()
    keeper.unlock(said, by=who())
    return keeper.keys()


def _unlocked(installation: Installation, passphrase_file: Path | None) -> Epochs:
    keeper = installation.keeper()
    keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
    return installation.epochs(keeper)


def _tell_missing(epochs: Sequence[str]) -> None:
    for epoch in epochs:
        typer.echo(f"There is no escrow copy at hand of the epoch {epoch}: it does NOT open.")
    if epochs:
        raise typer.Exit(1)


def _progress(done: int, left: int) -> None:
    typer.echo(f"Sealed anew: {done} of {left}.")
