"""Installations whose register is in PostgreSQL: one node, a second one, a backup that goes either way."""

from __future__ import annotations

import itertools
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.rig.postgres import Postgres
from asterisk_gdpr.seal.age import new_identity
from tests.cli.house import NUMBER, RECORDING, House, set_up

pytestmark = pytest.mark.thorough

_names = (f"house{number}" for number in itertools.count())


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    """The address of an empty database."""
    return postgres_server.make(next(_names))


@pytest.fixture
def first(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    """A node with a recording, whose register is in that database."""
    folder = node(tmp_path / "first")
    assert set_up(folder, "--register", url, "--node", "pbx1") == 0
    house = House(folder, capsys)
    house.approve()
    house.record(RECORDING)
    return house


def node(place: Path) -> Path:
    """Where a node is to be: its spool and its run folder are there, as its units would make them."""
    for name in ("spool", "run"):
        (place / name).mkdir(parents=True, mode=0o2710)
    return place / "house"


def test_a_node_by_itself(first: House, url: str) -> None:
    """The database holds the whole register: a recording is found, erased and certified without a file."""
    assert not list(first.folder.rglob("*.db"))
    assert [each["id"] for each in first.json("recordings", "list", "--caller", NUMBER)] == [RECORDING]

    assert first("erase", "--recording", RECORDING, "--reason", "requested") == 0, first.err
    assert first("certificate", "show", RECORDING, "--to", first.folder / "proof") == 0, first.err
    proof = (first.folder / "proof").read_bytes()
    assert b"its PostgreSQL database" in proof and b"journal was emptied" not in proof
    assert first("certificate", "verify", first.folder / "proof") == 0
    assert first("ledger", "verify") == 0


def test_a_second_node_needs_the_keys_of_the_first(
    first: House, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second node joins with the keys of the first, and without them makes nothing."""
    folder = node(tmp_path / "second")
    assert set_up(folder, "--register", url, "--node", "pbx2") == 1
    assert "keys" in capsys.readouterr().err
    assert not folder.exists()

    shutil.copytree(first.folder / "state/keys", folder / "state/keys")
    assert set_up(folder, "--register", url, "--node", "pbx2") == 0, capsys.readouterr().err
    second = House(folder, capsys)
    second.approve()
    second.record("r0123456789abcdeg")
    for house in (first, second):
        found = {each["id"] for each in house.json("recordings", "list", "--caller", NUMBER)}
        assert found == {RECORDING, "r0123456789abcdeg"}
    assert first("ledger", "verify") == 0


def test_a_node_erases_what_it_reaches(
    first: House, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A node never certifies the erasure of what lies on another; the one that has it carries it out."""
    folder = node(tmp_path / "second")
    shutil.copytree(first.folder / "state/keys", folder / "state/keys")
    assert set_up(folder, "--register", url, "--node", "pbx2") == 0
    second = House(folder, capsys)
    second.approve()

    assert second("erase", "--recording", RECORDING, "--reason", "requested") == 1
    with closing(second.open()) as installation:
        assert installation.register().recording(RECORDING).state is not State.ERASED

    assert first("erase", "--recording", RECORDING, "--reason", "requested") == 0, first.err
    with closing(first.open()) as installation:
        assert installation.register().recording(RECORDING).state is State.ERASED


def test_only_a_database_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file is not named as a register: one clear line, and nothing is made."""
    folder = node(tmp_path / "other")
    assert set_up(folder, "--register", f"sqlite:///{tmp_path}/register.db") == 1
    assert "--register" in capsys.readouterr().err
    assert not folder.exists()


def test_a_backup_is_restored_into_an_empty_database(
    first: House, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], postgres_server: Postgres
) -> None:
    """A backup of a database lives again in an empty one, what was erased since is erased in it, and one that
    is not empty is refused."""
    secret, public = new_identity()
    identity = tmp_path / "identity"
    identity.write_text(secret + "\n")
    identity.chmod(0o600)
    first.record("r0123456789abcdeg")
    assert first("backup", tmp_path / "backup.age", "--recipient", public) == 0, first.err
    assert first("erase", "--recording", RECORDING, "--reason", "requested") == 0
    place = tmp_path / "elsewhere"
    new = House(node(place), capsys)
    arguments = [
        *("restore", tmp_path / "backup.age", new.folder, "--identity", identity),
        *("--state", place / "state", "--spool", place / "spool", "--run-dir", place / "run"),
        *("--journal", first.folder / "journal", "--json"),
    ]

    assert new(*arguments) == 1
    assert "there already" in new.err
    shutil.rmtree(new.folder, ignore_errors=True)

    name = url.partition("?")[0].rpartition("/")[2]
    postgres_server.rename(name, f"{name}_before")
    postgres_server.make(name)
    shutil.copytree(first.folder / "state/vault", place / "state/vault")
    assert new(*arguments) == 0, new.err
    assert json.loads(new.out)["destroyed"] == [RECORDING]
    with closing(new.open()) as installation:
        register = installation.register()
        assert register.recording(RECORDING).state is State.ERASED
        assert register.keys("r0123456789abcdeg") and not register.keys(RECORDING)
    assert new("ledger", "verify") == 0
    assert not list(place.rglob("*.db*"))
