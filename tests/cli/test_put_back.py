"""A register that somebody puts back by hand, as of an earlier day, brings nothing back that was erased."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.service.erasing.journal import read_journal
from tests.cli.house import RECORDING, House

pytestmark = pytest.mark.thorough

OTHER, LATER = "r0123456789abcdeg", "r0123456789abcdeh"


@pytest.fixture
def earlier(full_house: House, tmp_path: Path) -> Path:
    """The register's files as they were before anything was erased."""
    full_house.record(OTHER)
    kept = tmp_path / "earlier"
    kept.mkdir()
    for file in (full_house.folder / "state").glob("register.db*"):
        shutil.copy(file, kept)
    return kept


def put_back(house: House, earlier: Path) -> None:
    """What whoever has the disk, or a snapshot of the machine, can do."""
    for file in (house.folder / "state").glob("register.db*"):
        file.unlink()
    for file in earlier.iterdir():
        shutil.copy(file, house.folder / "state")


def journal_of(house: House) -> list[tuple[str, object]]:
    """What the journal's lines tell, and of which recording."""
    with closing(house.open()) as installation:
        copies = [
            (folder / "erasures.journal").read_bytes() for folder in installation.config.journal.folders
        ]
        lines = read_journal(copies, installation.verify_keys())
    return [(line.what, line.facts.get("recording")) for line in lines]


def test_a_register_that_was_put_back_forgets_no_erasure(full_house: House, earlier: Path) -> None:
    """What was erased since is erased again before anything is opened by an earlier register."""
    house = full_house
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    put_back(house, earlier)

    sound = house.folder.parent / "sound.wav"
    said = ("--to", sound, "--reason", "dispute", "--passphrase-file", house.folder.parent / "passphrase")
    assert house("recordings", "export", RECORDING, *said) == 1
    assert not sound.exists()

    with closing(house.open()) as installation:
        register = installation.register()
        assert register.keys(RECORDING) == [] and register.keys(OTHER)
        assert register.recording(RECORDING).state is not State.SEALED
        assert "register-older" in [alarm.id for alarm in register.alarms()]
    assert house("recordings", "export", OTHER, *said) == 0, house.err
    assert house("ledger", "verify") == 0


def test_a_register_that_went_on_for_a_while_is_found_too(full_house: House, earlier: Path) -> None:
    """Also where its ledger has grown past the journal's last line since: the entry there is another one."""
    house = full_house
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    put_back(house, earlier)
    house.record(LATER)
    with closing(house.open()) as installation:
        for _ in range(30):
            installation.register().record("epoch-ordered", {"user": "x"}, house.clock.now())
        installation.heed_journal()
        assert installation.register().keys(RECORDING) == []

    assert house("erase", "--recording", LATER, "--reason", "requested") == 0
    assert {("keys-destroyed", RECORDING), ("restored", None), ("tombstone-set", LATER)} <= {
        *journal_of(house)
    }


def test_a_copy_of_the_journal_on_another_disk_is_enough(full_house: House, earlier: Path) -> None:
    """Where a whole machine was put back, its own journal with it, the copy elsewhere knows."""
    house, own = full_house, full_house.folder / "state/journal/erasures.journal"
    before = own.read_bytes() if own.exists() else b""
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    put_back(house, earlier)
    own.write_bytes(before)

    with closing(house.open()) as installation:
        installation.heed_journal()
        assert installation.register().keys(RECORDING) == []
    assert own.read_bytes() == (house.folder / "journal/erasures.journal").read_bytes()


def test_what_was_done_again_is_done_once(full_house: House, earlier: Path) -> None:
    """The journal knows of it, so that the next start has nothing to do, and the journal goes on."""
    house = full_house
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    put_back(house, earlier)
    for _ in range(2):
        with closing(house.open()) as installation:
            installation.heed_journal()

    assert house.kinds().count("erased-again") == 1
    assert house("erase", "--recording", OTHER, "--reason", "requested") == 0
    assert ("keys-destroyed", OTHER) in journal_of(house) or ("tombstone-set", OTHER) in journal_of(house)


def test_a_register_that_is_as_it_should_be_is_left_alone(full_house: House) -> None:
    """Whatever was erased in it, and whichever payloads the ledger has forgotten."""
    house = full_house
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    with closing(house.open()) as installation:
        register = installation.register()
        installation.journal().write()
        installation.heed_journal()
        register.erase_payloads([entry.seq for entry in register.entries()])
        installation.heed_journal()
        assert register.alarms() == []
    assert "erased-again" not in house.kinds()
