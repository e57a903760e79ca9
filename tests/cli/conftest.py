"""Installations to run commands on: one of each test's own, copied from one that is made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from asterisk_gdpr.service.setup.texts import unit_name
from tests.cli.house import House, set_up


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation as `init` leaves it."""
    folder = tmp_path_factory.mktemp("made") / "house"
    assert set_up(folder) == 0
    return folder


@pytest.fixture
def raw(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    """An installation whose policy nobody has approved yet."""
    folder = tmp_path / "house"
    shutil.copytree(made, folder)
    shutil.copy(made.parent / "passphrase", tmp_path)
    for name in ("spool", "run"):
        (tmp_path / name).mkdir(mode=0o2710)
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace(str(made.parent), str(tmp_path)))
    (unit,) = (folder / "systemd").glob("*.mount")
    unit.rename(unit.with_name(f"{unit_name(tmp_path / 'spool')}.mount"))
    return House(folder, capsys)


@pytest.fixture
def house(raw: House) -> House:
    """An installation with an approved policy."""
    raw.approve()
    return raw
