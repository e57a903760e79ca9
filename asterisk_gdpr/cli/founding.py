"""What `init` makes of its options, and what it leaves to people; imported by it alone, as it is heavy."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from asterisk_gdpr.bootstrap.setup import wishes_of
from asterisk_gdpr.config import load_config
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.setup.texts import config_text, unit_name
from asterisk_gdpr.service.setup.wishes import Wishes


def settled(wishes: Wishes, given: dict[str, object]) -> Wishes:
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


def plain_wishes(folder: Path, user: str | None, group: str | None, etc: Path, spool_size: str) -> Wishes:
    """An installation in a folder, everything else as it is by default."""
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


def next_steps(wishes: Wishes) -> str:
    """What a person must do now."""
    config = f"asterisk-gdpr --config {wishes.config}"
    mount = f"{unit_name(wishes.spool)}.mount"
    return f"""
What a person must do now:
  1. Let the controller read and approve {wishes.folder / "policy.yaml"}: no line runs before.
  2. Move {wishes.escrow / "recipient-escrow.json"} off this machine, to where the escrow passphrase is not,
     and let epochs.escrow in {wishes.config} name a folder on another machine's disk, too.
     Whoever loses both passphrases loses every recording.
  3. Follow {wishes.snippets / "README"} in Asterisk's configuration.
  4. Install the units in {wishes.folder / "systemd"} ({mount} first).
  5. {config} dialplan
     {config} prompts build
     (both again whenever the policy has changed)
  6. {config} users add NAME --role manager
  7. {config} check"""
