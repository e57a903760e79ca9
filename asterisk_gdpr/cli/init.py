"""`init`: make an installation."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.bootstrap.setup import set_up, wishes_of
from asterisk_gdpr.cli.console import console_of, secret
from asterisk_gdpr.cli.output import AsJson, print_json
from asterisk_gdpr.config import load_config
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.setup.files import Made
from asterisk_gdpr.service.setup.texts import config_text, unit_name
from asterisk_gdpr.service.setup.vault_key import Passphrases
from asterisk_gdpr.service.setup.wishes import Wishes


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
    espeak: Annotated[str | None, typer.Option(help="The espeak-ng program. Default: espeak-ng.")] = None,
    spool_size: Annotated[str, typer.Option(help="How much memory the spool may take.")] = "256M",
    as_json: AsJson = False,
) -> None:
    """Make an installation: configuration, a policy to be approved, keys, secrets, snippets for Asterisk.

    What is there already is kept, so it may be run again.
    """
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
        "speech": None if espeak is None else (espeak,),
    }
    wishes = _wishes(folder.absolute(), user, group, asterisk_etc.absolute(), spool_size)
    wishes = _settled(wishes, {name: value for name, value in given.items() if value is not None})

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
        typer.echo(_next_steps(wishes))


def _settled(wishes: Wishes, given: dict[str, object]) -> Wishes:
    """What was asked for; an installation that is there already must be what is asked for."""
    if not wishes.config.exists():
        return replace(wishes, **given)  # type: ignore[arg-type]  # names and types are those of the options
    found = wishes_of(load_config(wishes.config), wishes)
    asked = replace(found, **given)  # type: ignore[arg-type]  # as above
    if config_text(asked) != config_text(found):
        raise Refused(
            f"{wishes.config} is there already and says otherwise.",
            hint="Change it there, and run this without those options.",
            id="already-set-up",
        )
    return found


def _wishes(folder: Path, user: str | None, group: str | None, etc: Path, spool_size: str) -> Wishes:
    owner = _user(user)
    its_group = _group(group, owner.pw_gid)
    return Wishes(
        folder=folder,
        state=folder / "state",
        spool=Path("/run/asterisk-gdpr-spool"),
        run=Path("/run/asterisk-gdpr"),
        program=_program(),
        user=owner.pw_name,
        uid=owner.pw_uid,
        group=its_group.gr_name,
        gid=its_group.gr_gid,
        asterisk_etc=etc,
        spool_size=spool_size,
    )


def _user(name: str | None) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(os.geteuid()) if name is None else pwd.getpwnam(name)
    except KeyError:
        raise Refused(
            f"There is no user {name}.",
            hint=f"Make one: `useradd --system --shell /usr/sbin/nologin {name}`.",
            id="no-user",
        ) from None


def _group(name: str | None, own: int) -> grp.struct_group:
    try:
        return grp.getgrnam(name or "asterisk")
    except KeyError:
        if name is None:
            return grp.getgrgid(own)
        raise Refused(
            f"There is no group {name}.", hint="Name the group that Asterisk runs as.", id="no-group"
        ) from None


def _program() -> tuple[str, ...]:
    """The command that starts this software, for systemd, which wants an absolute path."""
    found = shutil.which("asterisk-gdpr", path=str(Path(sys.executable).parent))
    return (found,) if found else (sys.executable, "-m", "asterisk_gdpr")


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


def _next_steps(wishes: Wishes) -> str:
    config = f"asterisk-gdpr --config {wishes.config}"
    mount = f"{unit_name(wishes.spool)}.mount"
    return f"""
What a person must do now:
  1. Let the controller read and approve {wishes.folder / "policy.yaml"}: no line runs before.
  2. Move {wishes.escrow} off this machine, to where the escrow passphrase is not.
     Whoever loses both passphrases loses every recording.
  3. Follow {wishes.snippets / "README"} in Asterisk's configuration.
  4. Install the units in {wishes.folder / "systemd"} ({mount} first).
  5. {config} dialplan
     {config} prompts build
     (both again whenever the policy has changed)
  6. {config} users add NAME --role manager
  7. {config} check"""
