"""Installations to run commands on: one of each test's own, copied from one that is made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from asterisk_gdpr.service.setup.texts import unit_name
from tests.cli.house import RECORDING, House, set_up


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation as `init` leaves it."""
    folder = tmp_path_factory.mktemp("made") / "house"
    assert set_up(folder) == 0
    return folder


@pytest.fixture
def raw(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    """An installation whose policy nobody has approved yet."""
    return copied(made, tmp_path, capsys)


@pytest.fixture
def house(raw: House) -> House:
    """An installation with an approved policy."""
    raw.approve()
    return raw


@pytest.fixture(scope="session")
def recorded(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with an approved policy and one recording, `RECORDING`."""
    house = copied(made, tmp_path_factory.mktemp("recorded"), None)
    house.approve()
    house.record(RECORDING)
    return house.folder


@pytest.fixture
def full_house(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    """The same, for one test alone."""
    return copied(recorded, tmp_path, capsys)


def copied(folder: Path, to: Path, capsys: pytest.CaptureFixture[str] | None) -> House:
    """A copy of an installation in a folder of its own, with its own paths."""
    home = folder.parent
    shutil.copytree(folder, to / "house")
    shutil.copy(home / "passphrase", to)
    for name in ("spool", "run"):
        (to / name).mkdir(mode=0o2710)
    config = to / "house/config.yaml"
    config.write_text(config.read_text().replace(str(home), str(to)))
    (unit,) = (to / "house/systemd").glob("*.mount")
    unit.rename(unit.with_name(f"{unit_name(to / 'spool')}.mount"))
    return House(to / "house", capsys)
