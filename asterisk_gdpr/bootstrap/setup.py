"""`init`: an installation from nothing, or what is missing of one; told step by step, never overwriting."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

from asterisk_gdpr.adapters.register import open_register
from asterisk_gdpr.adapters.register.database import file_of
from asterisk_gdpr.adapters.register.snapshot import is_empty
from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_names import MARKER
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.config import Config
from asterisk_gdpr.core.epoch import Role
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.seal.passphrase import DEFAULT_COST, Cost
from asterisk_gdpr.service.checks.mounts import in_memory
from asterisk_gdpr.service.keys.epochs import begin_epoch
from asterisk_gdpr.service.keys.strangers import vouch_for_own
from asterisk_gdpr.service.new_files import make_folder
from asterisk_gdpr.service.setup.files import Made, make_files
from asterisk_gdpr.service.setup.vault_key import Passphrases, make_recipient, recipient_of
from asterisk_gdpr.service.setup.wishes import Wishes, check_wishes

SPOOL_MODE = 0o2710
"""Asterisk's group may enter it and open what it knows by name, and nothing else."""


def set_up(wishes: Wishes, ask: Callable[[], Passphrases], cost: Cost = DEFAULT_COST) -> Iterator[Made]:
    """Make everything that is not there yet; `ask` is asked only if a recipient has no key pair.

    A new installation asks first of all: what is refused there has made nothing.
    """
    check_wishes(wishes)
    ask = cache(ask)
    if wishes.register:
        _share(wishes)
    if not wishes.config.exists() and not wishes.keys.vault_documents():
        ask().check()
    for made in make_files(wishes):
        _hand_over(wishes, made)
        yield made
        if made.made and made.path == wishes.state / "vault":
            yield _mark_vault(wishes, made.path)
    yield from _memory(wishes)
    installation = Installation.load(wishes.config)
    try:
        yield from _register(wishes, installation, ask, cost)
    finally:
        installation.close()


def wishes_of(config: Config, wishes: Wishes) -> Wishes:
    """The wishes that an installation was made from, as its configuration tells; the rest as in `wishes`."""
    return replace(
        wishes,
        state=config.paths.state,
        spool=config.paths.spool,
        run=config.paths.run,
        group=config.asterisk.group,
        node=config.node,
        time_zone=config.time_zone,
        default_country=config.default_country,
        ari_url=config.asterisk.ari.url,
        ami_host=config.asterisk.ami.host,
        ami_port=config.asterisk.ami.port,
        listen=config.web.listen,
        speech=config.speech.command,
        register="" if file_of(config.register.url) else config.register.url,
    )


def _share(wishes: Wishes) -> None:
    """Another node's register is joined only with its keys: with others nothing in it is found or opened.

    Raises Refused (`keys-elsewhere`, `bad-url`).
    """
    if file_of(wishes.register) is not None:
        raise Refused(
            "Only a register in PostgreSQL is named here.",
            hint="Leave --register away: a file is made in the state folder.",
            id="bad-url",
        )
    if is_empty(wishes.register):
        return
    with closing(open_register(wishes.register)) as register:
        sealed_to = {each.name: each.key_id for each in register.recipients()}
    keys = wishes.keys
    ours = {str(r): keys.recipient_key(r).id for r in Role if keys.recipient_public(r).exists()}
    if any(ours.get(role, "") != sealed_to.get(role, "") for role in Role) or not keys.index.exists():
        raise Refused(
            f"This register belongs to other keys than those in {keys.path}.",
            hint="Copy the folder `keys` of the node that made it there first, owners and modes included.",
            id="keys-elsewhere",
        )


def _mark_vault(wishes: Wishes, folder: Path) -> Made:
    """Only a folder made just now is marked: one that was there may be a mount point without its disk."""
    FileVault.lay_out(folder)
    made = Made(folder / MARKER, True, "what tells the vault from an empty mount point")
    _hand_over(wishes, made)
    return made


def _register(
    wishes: Wishes, installation: Installation, ask: Callable[[], Passphrases], cost: Cost
) -> Iterator[Made]:
    file = file_of(installation.config.register.url)
    new = file is not None and not file.exists()
    installation.migrate()
    if file is not None:
        made = Made(file, new, "the register")
        _hand_over(wishes, made)
        yield made
    register = installation.register()
    known = {recipient.name for recipient in register.recipients()}
    for role in Role:
        for each in make_recipient(wishes, role, ask, installation.clock, cost):
            _hand_over(wishes, each)
            yield each
        if role not in known:
            register.add_recipient(recipient_of(wishes, role, installation.clock))
    if register.epoch() is None:
        files = installation.epoch_files()
        begun = begin_epoch(register, files, installation.clock, installation.signing_key())
        for path in files.here(begun.id):
            made = Made(path, True, "the first epoch's private key, sealed to a recipient")
            _hand_over(wishes, made)
            yield made
    vouch_for_own(register, installation.epoch_files(), installation.signing_key())


def _memory(wishes: Wishes) -> Iterator[Made]:
    """The spool, only where that is memory already and we may write there; else its mount unit makes it."""
    spool = wishes.spool
    above = next(parent for parent in spool.parents if parent.is_dir())
    if spool.exists() or not os.access(above, os.W_OK) or not in_memory(above):
        return
    made = Made(spool, make_folder(spool, SPOOL_MODE), "the spool")
    _hand_over(wishes, made, shared=True)
    spool.chmod(SPOOL_MODE)  # a change of group takes the set-group-id bit away
    yield made


def _hand_over(wishes: Wishes, made: Made, *, shared: bool = False) -> None:
    """Give what was made to the user who runs the processes, and what Asterisk reads to its group."""
    if not made.made:
        return
    path = made.path
    shared = shared or wishes.snippets in (path, *path.parents)
    uid = wishes.uid if wishes.uid != os.geteuid() else -1
    gid = wishes.gid if shared else -1
    try:
        os.chown(path, uid, gid)
    except PermissionError:
        _refuse(path, wishes)


def _refuse(path: Path, wishes: Wishes) -> None:
    raise Refused(
        f"{path} cannot be given to {wishes.user} and the group {wishes.group}.",
        hint=f"Run this as root, or as a user who belongs to the group {wishes.group}.",
        id="not-permitted",
    )
