"""What everything that reads or writes containers relies on, for the real vault and the fake alike."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.vault_bucket import BucketStore
from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_layers import Layers
from asterisk_gdpr.errors import Damaged, GdprError, Misuse, Refused, Unreachable
from asterisk_gdpr.ports import Vault
from tests.fakes.store import MemoryStore
from tests.fakes.vault import MemoryVault
from tests.vault.s3 import S3Server

NAME = "r234567abcdefghij"


KINDS = [
    "memory",
    "files",
    "layers",
    pytest.param("moto", marks=pytest.mark.thorough),
    pytest.param("ceph", marks=pytest.mark.slow),
]


@pytest.fixture(params=KINDS)
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """Each kind of vault in turn, empty: in memory, a folder, a folder with a bucket, a real bucket."""
    if request.param == "memory":
        return MemoryVault()
    local = FileVault.lay_out(tmp_path / "vault")
    if request.param == "files":
        return local
    if request.param == "layers":
        return Layers(local, tmp_path / "moves", MemoryStore())
    server: S3Server = request.getfixturevalue(request.param)
    bucket = BucketStore(server.bucket(f"calls-{secrets.token_hex(4)}", versions=True), "recordings/", 5)
    bucket.lay_out()
    return Layers(local, tmp_path / "moves", bucket)


def settle(vault: Vault, name: str) -> None:
    """What happens to a container after its end: it is closed, and brought to where it is to stay."""
    vault.close(name)
    if isinstance(vault, Layers):
        vault.settle(name)


def test_a_container_grows_from_front_to_back(vault: Vault) -> None:
    """What is appended is read back, in any range, shorter at the end."""
    vault.append(NAME, 0, b"head")
    vault.append(NAME, 4, b"tail")

    assert vault.size(NAME) == 8
    assert vault.read(NAME, 2, 4) == b"adta"
    assert vault.read(NAME, 6, 100) == b"il"
    assert vault.read(NAME, 100, 1) == b""


def test_a_torn_write_is_cut_off(vault: Vault) -> None:
    """What lies past the committed end is gone once the next write has come."""
    vault.append(NAME, 0, b"committed, torn and long")
    vault.append(NAME, 9, b"!")

    assert vault.read(NAME, 0, 100) == b"committed!"


def test_a_torn_first_write_is_cut_off(vault: Vault) -> None:
    """A container of which nothing was committed is begun anew."""
    vault.append(NAME, 0, b"torn and long")
    vault.append(NAME, 0, b"begun")

    assert vault.read(NAME, 0, 100) == b"begun"


def test_no_hole_is_written(vault: Vault) -> None:
    """A container that holds less than was committed is damaged, not filled up."""
    vault.append(NAME, 0, b"short")
    with pytest.raises(Damaged) as damage:
        vault.append(NAME, 6, b"far")

    assert damage.value.id == "container-short"
    assert vault.read(NAME, 0, 100) == b"short"


def test_a_container_that_is_away_is_not_begun_anew(vault: Vault) -> None:
    """Where something was committed and nothing is found, nothing is written."""
    with pytest.raises(Unreachable):
        vault.append(NAME, 5, b"more")

    assert vault.size(NAME) is None


def test_what_is_not_there(vault: Vault) -> None:
    """A container that is not there has no size and cannot be read, and deleting it is no error."""
    vault.delete(NAME)

    assert vault.size(NAME) is None
    with pytest.raises(Unreachable):
        vault.read(NAME, 0, 1)


def test_deleted_is_gone(vault: Vault) -> None:
    """A deleted container is in no list and has no size; the others stay."""
    vault.append(NAME, 0, b"x")
    vault.append("r234567zzzzzzzzzz", 0, b"y")
    vault.delete(NAME)

    assert vault.size(NAME) is None
    assert list(vault.names()) == ["r234567zzzzzzzzzz"]


def test_names_come_in_order(vault: Vault) -> None:
    """Containers are listed by name, which is by time."""
    for name in ("r9bbbbbbbb", "r1aaaaaaaa", "r9aaaaaaaa"):
        vault.append(name, 0, b"x")

    assert list(vault.names()) == ["r1aaaaaaaa", "r9aaaaaaaa", "r9bbbbbbbb"]


def test_a_closed_container_reads_as_it_was_written(vault: Vault) -> None:
    """Wherever it has been brought, each range of it is what was appended."""
    whole = bytes(range(256)) * 3000
    vault.append(NAME, 0, whole)
    settle(vault, NAME)

    assert vault.size(NAME) == len(whole)
    for at, length in (
        (0, 10),
        (5, 300_000),
        (262_140, 9),
        (len(whole) - 3, 100),
        (len(whole), 1),
        (9**9, 1),
    ):
        assert vault.read(NAME, at, length) == whole[at : at + length]
    assert list(vault.names()) == [NAME]


def test_a_closed_container_takes_nothing_more(vault: Vault) -> None:
    """Nothing is appended to it, and what is begun under its name never takes its place."""
    vault.append(NAME, 0, b"what was said")
    settle(vault, NAME)
    with pytest.raises(GdprError):
        vault.append(NAME, 13, b", and more")
    assert vault.read(NAME, 0, 100) == b"what was said"
    with pytest.raises(Refused):
        vault.append(NAME, 0, b"what was never said")
        settle(vault, NAME)


def test_what_is_closed_is_deleted_as_well(vault: Vault) -> None:
    """A closed container that is deleted has no size, no bytes, and is in no list."""
    vault.append(NAME, 0, b"what was said")
    settle(vault, NAME)
    vault.read(NAME, 0, 4)
    vault.delete(NAME)
    vault.delete(NAME)

    assert vault.size(NAME) is None
    assert list(vault.names()) == []
    with pytest.raises(Unreachable):
        vault.read(NAME, 0, 1)


def test_closing_what_is_not_there(vault: Vault) -> None:
    """It is no error: an erasure may have come first."""
    settle(vault, NAME)

    assert vault.size(NAME) is None


@pytest.mark.parametrize(
    "name", ["", "../../../etc/passwd", "r23/4567abcd", "R234567ABCDE", "r2345678.", "r2 45678"]
)
def test_a_name_is_an_id(vault: Vault, name: str) -> None:
    """A name with anything but small letters and digits in it is never looked for."""
    for act in (
        lambda: vault.append(name, 0, b"x"),
        lambda: vault.size(name),
        lambda: vault.read(name, 0, 1),
        lambda: vault.delete(name),
    ):
        with pytest.raises(Misuse):
            act()
