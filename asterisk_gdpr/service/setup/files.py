"""Every file of an installation but the vault's key pair and the register, made once, never overwritten.

What is there already stays, so setting up may be repeated after an interruption or an upgrade.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.keys.key_files import PUBLIC_MODE, SECRET_MODE, KeyFolder, Kind, key_text
from asterisk_gdpr.service.new_files import make_folder, write_new
from asterisk_gdpr.service.setup.texts import config_text, policy_text, snippets, units
from asterisk_gdpr.service.setup.wishes import Wishes

SHARED_MODE = 0o640
"""For what Asterisk's group must read and nobody else may."""


@dataclass(frozen=True)
class Made:
    """One file or folder: made now, or found there already."""

    path: Path
    made: bool
    what: str


def make_files(wishes: Wishes) -> Iterator[Made]:
    """Make them; the configuration comes first, since another run learns from it where everything is."""
    yield from _folders(wishes)
    for name, text, what in (
        ("config.yaml", config_text(wishes), "the installation"),
        ("policy.yaml", policy_text(), "the policy, not approved yet"),
    ):
        yield make_file(wishes.folder / name, text.encode(), SHARED_MODE, what)
    yield from _secrets(wishes)
    yield from _keys(wishes.keys)
    for name, text in snippets(wishes).items():
        yield make_file(wishes.snippets / name, text.encode(), SHARED_MODE, "for Asterisk")
    for name, text in units(wishes).items():
        yield make_file(wishes.folder / "systemd" / name, text.encode(), PUBLIC_MODE, "for systemd")


def make_file(path: Path, data: bytes, mode: int, what: str) -> Made:
    """Make a file unless it is there already, and say which."""
    return Made(path, write_new(path, data, mode), what)


def _folders(wishes: Wishes) -> Iterator[Made]:
    folders = (
        (wishes.folder, 0o755, "the installation"),
        (wishes.folder / "secrets", 0o700, "secrets shared with Asterisk"),
        (wishes.snippets, 0o2750, "for Asterisk"),
        (wishes.folder / "systemd", 0o755, "for systemd"),
        (wishes.state, 0o711, "state"),
        (wishes.keys.path, 0o700, "keys"),
        (wishes.state / "vault", 0o700, "containers"),
        (wishes.escrow, 0o700, "the copies for escrow"),
        (wishes.state / "journal", 0o700, "the erasure journal"),
        (wishes.folder / "journal", 0o700, "its second copy: best a mount of another disk"),
        (wishes.state / "prompts", 0o755, "prompts, which Asterisk reads"),
    )
    for path, mode, what in folders:
        yield Made(path, make_folder(path, mode), what)


def _secrets(wishes: Wishes) -> Iterator[Made]:
    for name in ("ari", "ami"):
        secret = secrets.token_urlsafe(32) + "\n"
        yield make_file(
            wishes.folder / "secrets" / name, secret.encode(), SECRET_MODE, "a secret for Asterisk"
        )


def _keys(keys: KeyFolder) -> Iterator[Made]:
    signing = SigningKey.generate()
    made = make_file(keys.signing, key_text(Kind.SIGNING, signing.to_bytes()), SECRET_MODE, "the signing key")
    yield made
    public = keys.signing_key().verify_key
    text = key_text(Kind.VERIFY, public.to_bytes())
    yield make_file(keys.verify(public), text, PUBLIC_MODE, "its public half, for auditors")
    index = key_text(Kind.INDEX, IndexKey.generate().to_bytes())
    yield make_file(keys.index, index, SECRET_MODE, "the index key")
    page = key_text(Kind.PAGE, secrets.token_bytes(32))
    yield make_file(keys.page, page, SECRET_MODE, "the page's key")
