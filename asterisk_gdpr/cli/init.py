"""`init`: make an installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret
from asterisk_gdpr.cli.output import AsJson, print_json


def init(  # every option is one decision about the installation
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the installation is to be.")],
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
    ] = None,
    escrow_passphrase_file: Annotated[
        Path | None, typer.Option(help="The escrow copy's passphrase, instead of asking.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Register, vault, keys, prompts. Default: DIR/state.")
    ] = None,
    spool: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The spool, in memory. Default: /run/asterisk-gdpr-spool."),
    ] = None,
    run_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Sockets and locks. Default: /run/asterisk-gdpr.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="Who runs the processes and owns the files. Default: you.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="The group that Asterisk runs as. Default: asterisk, else your own.")
    ] = None,
    node: Annotated[str | None, typer.Option(help="This machine's name. Default: pbx1.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Whose days count. Default: UTC.")] = None,
    country: Annotated[
        str | None, typer.Option(help="In whose notation numbers without + are. Default: DE.")
    ] = None,
    asterisk_etc: Annotated[Path, typer.Option(metavar="DIR", help="Asterisk's configuration.")] = Path(
        "/etc/asterisk"
    ),
    ari_url: Annotated[
        str | None, typer.Option(help="ARI's address. Default: http://127.0.0.1:8088/ari.")
    ] = None,
    ami_port: Annotated[int | None, typer.Option(help="AMI's port on this machine. Default: 5038.")] = None,
    listen: Annotated[
        str | None, typer.Option(help="The page's address and port. Default: 127.0.0.1:8470.")
    ] = None,
    register: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="A PostgreSQL database, which nodes may share. Default: a file in the state."
        ),
    ] = None,
    espeak: Annotated[str | None, typer.Option(help="The espeak-ng program. Default: espeak-ng.")] = None,
    spool_size: Annotated[str, typer.Option(help="How much memory the spool may take.")] = "256M",
    as_json: AsJson = False,
) -> None:
    """Make an installation: configuration, a policy to be approved, keys, secrets, snippets for Asterisk.

    What is there already is kept, so it may be run again.
    """
    from asterisk_gdpr.bootstrap.setup import set_up  # with nearly everything behind it
    from asterisk_gdpr.cli import founding
    from asterisk_gdpr.service.setup.files import Made
    from asterisk_gdpr.service.setup.vault_key import Passphrases

    console = console_of(context)
    given = {
        "state": _absolute(state),
        "spool": _absolute(spool),
        "run": _absolute(run_dir),
        "group": group,
        "node": node,
        "time_zone": time_zone,
        "default_country": country,
        "ari_url": ari_url,
        "ami_port": ami_port,
        "listen": listen,
        "register": register,
        "speech": None if espeak is None else (espeak,),
    }
    wishes = founding.plain_wishes(folder.absolute(), user, group, asterisk_etc.absolute(), spool_size)
    wishes = founding.settled(wishes, {name: value for name, value in given.items() if value is not None})

    def ask() -> Passphrases:
        return Passphrases(
            secret("passphrase of the vault", passphrase_file, new=True),
            secret("passphrase of the escrow copy", escrow_passphrase_file, new=True),
        )

    made: list[Made] = []
    for each in set_up(wishes, ask, console.cost):
        made.append(each)
        if not as_json:
            typer.echo(f"{'made ' if each.made else 'there'}  {each.path}  ({each.what})")
    if as_json:
        print_json({"folder": wishes.folder, "config": wishes.config, "files": made})
    else:
        typer.echo(founding.next_steps(wishes))


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()
