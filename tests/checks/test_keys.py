"""What `check` makes of keys and secrets; each fault is planted in a real installation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.epochs import seal_epoch
from asterisk_gdpr.seal.keys import VaultPrivateKey
from asterisk_gdpr.seal.passphrase import Cost, protect
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.checks import keys as checks
from asterisk_gdpr.service.keys.key_files import KeyFolder, Kind, key_text
from tests.checks.test_machine import ids


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    """A folder of keys as init makes it."""
    folder, signing = KeyFolder(tmp_path), SigningKey.generate()
    for path, kind, key in (
        (folder.signing, Kind.SIGNING, signing.to_bytes()),
        (folder.index, Kind.INDEX, IndexKey.generate().to_bytes()),
        (folder.page, Kind.PAGE, bytes(32)),
        (folder.verify(signing.verify_key), Kind.VERIFY, signing.verify_key.to_bytes()),
    ):
        path.write_bytes(key_text(kind, key))
        path.chmod(0o600)
    return folder


PRIVATE = VaultPrivateKey.generate()
EPOCH = PRIVATE.public.id
PAGE = VaultPrivateKey.generate()
SEALED = seal_epoch(PRIVATE, PAGE.public, created_at="2026-11-23T12:00:00Z")
DOCUMENT = protect(PAGE, "passphrase", created_at="2026-11-23T12:00:00Z", cost=Cost(32, 1, 1))


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (lambda key: None, []),
        (lambda key: key.unlink(), ["key-missing"]),
        (lambda key: key.chmod(0o644), ["key-open"]),
        (lambda key: key.write_text("nonsense\n"), ["key-damaged"]),
        (lambda key: key.write_bytes(key_text(Kind.INDEX, bytes(32))), ["wrong-kind"]),
        (lambda key: key.write_bytes(key_text(Kind.SIGNING, bytes(31))), ["key-damaged"]),
    ],
)
def test_a_fault_of_a_key_is_found(
    keys: KeyFolder, fault: Callable[[Path], object], found: list[str]
) -> None:
    """A key that is missing, open to others, damaged or another one is found by its id."""
    fault(keys.signing)

    assert ids(checks.own_keys(keys)) == found


def test_the_vault_key_is_here_and_closed(keys: KeyFolder) -> None:
    """The private half of the current epoch must be here, whole, and for its owner alone."""
    file, page = keys.epoch(EPOCH, "page"), keys.recipient("page")
    assert ids(checks.vault_keys(keys, None)) == ["no-epoch"]
    assert ids(checks.vault_keys(keys, EPOCH)) == ["vault-key-missing"]

    file.write_bytes(SEALED)
    file.chmod(0o600)
    assert ids(checks.vault_keys(keys, EPOCH)) == ["vault-key-missing"]

    page.write_bytes(DOCUMENT)
    page.chmod(0o600)
    assert ids(checks.vault_keys(keys, EPOCH)) == []
    assert ids(checks.vault_keys(keys, "0" * 16)) == ["vault-key-missing"]

    file.chmod(0o640)
    assert ids(checks.vault_keys(keys, EPOCH)) == ["vault-key-open"]
    file.chmod(0o600)
    file.write_bytes(SEALED.replace(b"created_at", b"created_ax"))
    assert ids(checks.vault_keys(keys, EPOCH)) == ["vault-key-damaged", "vault-key-missing"]


def test_secrets_and_the_escrow_copy(tmp_path: Path) -> None:
    """A shared secret must be there and closed; an escrow key that still lies here is named."""
    secret, escrow = tmp_path / "ari", tmp_path / "escrow"
    assert ids(checks.secrets(secret)) == ["secret-missing"]
    secret.write_text("secret\n")
    secret.chmod(0o644)
    assert ids(checks.secrets(secret)) == ["secret-open"]
    secret.chmod(0o600)
    assert ids(checks.secrets(secret)) == []

    assert ids(checks.escrow(escrow)) == []
    escrow.mkdir()
    assert ids(checks.escrow(escrow)) == []
    (escrow / "epoch-0123.escrow.json").write_text("")
    assert ids(checks.escrow(escrow)) == []
    (escrow / "recipient-escrow.json").write_text("")
    assert ids(checks.escrow(escrow)) == ["escrow-here"]
