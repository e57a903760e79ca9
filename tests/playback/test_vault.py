"""What everything that reads or writes containers relies on, for the real vault and the fake alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.errors import Damaged, Unreachable
from asterisk_gdpr.ports import Vault
from tests.fakes.vault import MemoryVault

NAME = "r234567abcdefghij"


@pytest.fixture(params=["memory", "files"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """Each kind of vault in turn, empty."""
    return MemoryVault() if request.param == "memory" else FileVault(tmp_path)


def test_a_container_grows_from_front_to_back(vault: Vault) -> None:
    """What is appended is read back, in any range, shorter at the end."""
    vault.append(NAME, 0, b"head")
    vault.append(NAME, 4, b"tail")

    assert vault.size(NAME) == 8
    assert vault.read(NAME, 2, 4) == b"adta"
    assert vault.read(NAME, 6, 100) == b"il"
    assert list(vault.names()) == [NAME]


def test_a_torn_write_is_cut_off(vault: Vault) -> None:
    """What lies past the committed end is gone once the next write has come."""
    vault.append(NAME, 0, b"committed, torn")
    vault.append(NAME, 9, b"!")

    assert vault.read(NAME, 0, 100) == b"committed!"


def test_no_hole_is_written(vault: Vault) -> None:
    """A container that holds less than was committed is damaged, not filled up."""
    vault.append(NAME, 0, b"short")
    with pytest.raises(Damaged):
        vault.append(NAME, 6, b"far")

    assert vault.size(NAME) == 5


def test_what_is_not_there(vault: Vault) -> None:
    """A container that is not there has no size and cannot be read, and deleting it is no error."""
    vault.delete(NAME)

    assert vault.size(NAME) is None
    with pytest.raises(Unreachable):
        vault.read(NAME, 0, 1)


def test_deleted_is_gone(vault: Vault) -> None:
    """A deleted container is in no list and has no size."""
    vault.append(NAME, 0, b"x")
    vault.delete(NAME)

    assert vault.size(NAME) is None
    assert list(vault.names()) == []
