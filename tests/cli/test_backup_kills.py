"""`backup` and `restore`, killed at any change of a file and begun again, end as they should."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from asterisk_gdpr.bootstrap import memory_folder
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.seal.age import new_identity
from tests.cli.house import RECORDING, House
from tests.erasure.stage import Killed
from tests.fakes.plug import Plug

pytestmark = pytest.mark.thorough

OTHER = "r0123456789abcdeg"


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own in the place of the machine's memory."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(memory_folder, "MEMORY", folder)
    return folder


def killed(house: House, after: int, *arguments: str | Path) -> bool:
    """Run a command and pull the plug after so many changes; False when it was done before."""
    plug = Plug(after)
    with pytest.MonkeyPatch.context() as patch:
        plug.lay(patch)
        with suppress(Killed):
            assert house(*arguments) == 0 or plug.pulled, house.err
    return plug.pulled


def age(memory: Path) -> None:
    """Two minutes go by."""
    for each in memory.iterdir():
        os.utime(each, (time.time() - 120, time.time() - 120))


def test_a_backup_that_was_killed_anywhere(full_house: House, tmp_path: Path, memory: Path) -> None:
    """There is the whole file or none, the next one is whole, and nothing stays in memory or beside it."""
    house, (_, public) = full_house, new_identity()
    place = tmp_path / "backups"
    place.mkdir()
    points = 0
    while killed(house, points, "backup", place / "one.age", "--recipient", public):
        whole = (place / "one.age").exists()
        (place / "one.age").unlink(missing_ok=True)
        age(memory)
        assert house("backup", place / "one.age", "--recipient", public) == 0, (points, house.err)
        assert [path.name for path in place.iterdir()] == ["one.age"], (points, whole)
        assert list(memory.iterdir()) == [], points
        (place / "one.age").unlink()
        points += 1
    assert points > 8


@pytest.mark.parametrize("every", [13, pytest.param(1, marks=pytest.mark.slow)])
def test_a_restore_that_was_killed_anywhere(
    full_house: House, tmp_path: Path, memory: Path, every: int
) -> None:
    """No program begins in a half-restored place; the same command carries it on; what is erased stays so."""
    house = full_house
    house.record(OTHER)
    secret, public = new_identity()
    identity, backup = tmp_path / "identity", tmp_path / "backup.age"
    identity.write_text(secret)
    identity.chmod(0o600)
    assert house("backup", backup, "--recipient", public) == 0, house.err
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    points, going = 0, True
    while going:
        place = tmp_path / f"place{points}"
        for name in ("spool", "run"):
            (place / name).mkdir(parents=True)
        shutil.copytree(house.folder / "state/vault", place / "state/vault")
        new = House(place / "house", house.capsys)
        arguments: list[str | Path] = [
            *("restore", backup, new.folder, "--identity", identity),
            *("--state", place / "state", "--spool", place / "spool", "--run-dir", place / "run"),
            *("--journal", house.folder / "journal"),
        ]
        going = killed(new, points, *arguments)
        if going and not new.config.exists():
            assert new("status") != 0
            age(memory)
            assert new(*arguments) == 0, (points, new.err)
        with closing(new.open()) as installation:
            register = installation.register()
            assert register.recording(RECORDING).state is State.ERASED, points
            assert register.keys(RECORDING) == [] and register.keys(OTHER)
            installation.heed_journal()
            assert register.alarms() == [], points
        assert new("ledger", "verify") == 0
        assert new("erase", "--recording", OTHER, "--reason", "requested") == 0
        lines = (place / "state/journal/erasures.journal").read_bytes()
        assert lines.count(OTHER.encode()) > 0, points
        assert lines == (new.folder / "journal/erasures.journal").read_bytes()
        left = [path.name for path in place.rglob("*") if path.name.endswith((".restoring", ".partial"))]
        assert left == [], points
        shutil.rmtree(place)
        points += every
    assert points > 20


def test_a_restore_leaves_alone_what_is_somebody_s(full_house: House, tmp_path: Path, memory: Path) -> None:
    """A key that is there and is another one stops it, with its place, and nothing is served."""
    house, (secret, public) = full_house, new_identity()
    identity, backup, place = tmp_path / "identity", tmp_path / "backup.age", tmp_path / "place"
    identity.write_text(secret)
    identity.chmod(0o600)
    assert house("backup", backup, "--recipient", public) == 0, house.err
    for name in ("spool", "run", "state/keys"):
        (place / name).mkdir(parents=True)
    other = place / "state/keys/index.key"
    other.write_text("asterisk-gdpr index key " + "0" * 64 + "\n")
    new = House(place / "house", house.capsys)
    arguments: list[str | Path] = [
        *("restore", backup, new.folder, "--identity", identity, "--journal", house.folder / "journal"),
        *("--state", place / "state", "--spool", place / "spool", "--run-dir", place / "run"),
    ]

    assert new(*arguments) == 1 and "[not-empty]" in new.err and str(other) in new.err
    assert not new.config.exists() and not list((place / "state").glob("*.db*"))


def test_a_longer_journal_where_the_configuration_has_it_counts(
    full_house: House, tmp_path: Path, memory: Path
) -> None:
    """Whoever names an old copy of the journal brings nothing back that the copy in its place knows of."""
    house, (secret, public) = full_house, new_identity()
    house.record(OTHER)
    identity, backup, place = tmp_path / "identity", tmp_path / "backup.age", tmp_path / "place"
    identity.write_text(secret)
    identity.chmod(0o600)
    assert house("backup", backup, "--recipient", public) == 0, house.err
    old = shutil.copy(house.folder / "journal/erasures.journal", tmp_path / "old.journal")
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    for name in ("spool", "run"):
        (place / name).mkdir(parents=True)
    shutil.copytree(house.folder / "journal", place / "house/journal")
    shutil.copytree(house.folder / "state/vault", place / "state/vault")
    new = House(place / "house", house.capsys)
    arguments: list[str | Path] = [
        *("restore", backup, new.folder, "--identity", identity, "--journal", old),
        *("--state", place / "state", "--spool", place / "spool", "--run-dir", place / "run"),
    ]

    assert new(*arguments) == 0, new.err
    with closing(new.open()) as installation:
        assert installation.register().keys(RECORDING) == []
