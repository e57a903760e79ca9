"""A page that unlocks itself by a systemd credential, and stays locked without it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from asterisk_gdpr.cli.page import unlock_by_credential
from tests.cli.house import House


@pytest.fixture
def by_credential(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which systemd puts credentials, and a page that is told to use one."""
    config = house.config
    config.write_text(config.read_text().replace("web: {", 'web: {credential: "vault", '))
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def test_the_credential_unlocks_and_the_ledger_has_it(house: House, by_credential: Path) -> None:
    """With the right credential the page starts unlocked, by that name."""
    (by_credential / "vault").write_bytes(house.passphrase.read_bytes())
    with closing(house.open()) as installation:
        keeper = installation.keeper()
        assert unlock_by_credential(installation, keeper) and keeper.unlocked
        (told,) = [entry for entry in installation.register().entries() if entry.kind == "unlocked"]
    assert told.payload == {"user": "credential:vault"}


@pytest.mark.parametrize("content", [None, b"", b"another passphrase", b"\xff"])
def test_a_wrong_credential_leaves_the_vault_locked(
    house: House, by_credential: Path, content: bytes | None
) -> None:
    """Without the credential, or with a wrong one, the page starts all the same, and is locked."""
    if content is not None:
        (by_credential / "vault").write_bytes(content)
    with closing(house.open()) as installation:
        keeper = installation.keeper()
        assert not unlock_by_credential(installation, keeper)
        assert not keeper.unlocked


def test_nobody_unlocks_unasked(house: House) -> None:
    """Unless the configuration names a credential, the page starts locked."""
    with closing(house.open()) as installation:
        keeper = installation.keeper()
        assert not unlock_by_credential(installation, keeper) and not keeper.unlocked
