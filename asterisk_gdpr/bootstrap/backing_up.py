"""`backup`: what is taken from an installation, so that `restore` can make it again elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from asterisk_gdpr.adapters.register.snapshot import copy_register, ledger_head_of
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.bootstrap.memory_folder import memory_folder
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.seal.age import check_recipients
from asterisk_gdpr.service.erasing.backups import (
    REGISTER,
    VERSION,
    About,
    Contents,
    write_backup,
)


def back_up(installation: Installation, to: Path, recipients: Sequence[str], by: str) -> str:
    """Write a backup while calls go on; returns the SHA-256 of its file."""
    check_recipients(recipients)
    config, register = installation.config, installation.register()
    installation.journal().write()
    head = installation.journal().head()  # before the copy: what is erased in between is erased once more
    with memory_folder(config.paths.run) as folder:
        copy = folder / REGISTER
        copy_register(config.register.url, copy)
        epoch = register.epoch()
        about = About(
            VERSION,
            to_text(installation.clock.now()),
            config.node,
            epoch[0] if epoch else "",
            ledger_head_of(copy),
            head,
            {},
        )
        digest = write_backup(to, Contents(about, _files(installation)), copy, recipients)
    register.record("backed-up", {"user": by, "sha256": digest}, installation.clock.now())
    return digest


def _files(installation: Installation) -> dict[str, bytes]:
    """Everything of an installation but its register; of the keys none that opens a recording."""
    keys, config = installation.keys, installation.config
    files = {
        "config.yaml": installation.path.read_bytes(),
        "policy.yaml": config.policy.path.read_bytes(),
        "keys/signing.key": keys.signing.read_bytes(),
        "keys/index.key": keys.index.read_bytes(),
    }
    index = config.paths.prompts / "index.json"
    if index.exists():
        files["prompts.json"] = index.read_bytes()
    for path in sorted(keys.path.glob("*.pub")):
        files[f"keys/{path.name}"] = path.read_bytes()
    return files
