"""`backup` and `restore`: a register lives again elsewhere, and what was erased does not."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.seal.age import decrypt, new_identity
from tests.cli.house import ESCROW, NUMBER, RECORDING, House

pytestmark = pytest.mark.thorough

OTHER = "r0123456789abcdeg"


@dataclass
class Drill:
    """A house with a backup, and an empty place beside it."""

    house: House
    backup: Path
    identity: Path
    new: House

    def restore(self, *options: str | Path, status: int = 0) -> dict[str, object]:
        """Restore into the empty place."""
        place = self.new.folder.parent
        arguments = [
            *("restore", self.backup, self.new.folder, "--identity", self.identity),
            *("--state", place / "state", "--spool", place / "spool", "--run-dir", place / "run"),
        ]
        assert self.new(*arguments, *options, "--json") == status, self.new.err
        told = json.loads(self.new.out) if self.new.out else {}
        assert isinstance(told, dict)
        return told

    def journals(self) -> list[str | Path]:
        """The options that name both copies of the journal."""
        state, folder = self.house.folder / "state/journal", self.house.folder / "journal"
        return ["--journal", state, "--journal", folder]


@pytest.fixture
def drill(full_house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Drill:
    """Two recordings in a backup; afterwards nothing has happened yet."""
    full_house.record(OTHER)
    secret, public = new_identity()
    identity = tmp_path / "identity"
    identity.write_text(f"# a key for tests\n{secret}\n")
    identity.chmod(0o600)
    backup = tmp_path / "backup.age"
    assert full_house("backup", backup, "--recipient", public) == 0, full_house.err
    place = tmp_path / "elsewhere"
    for name in ("spool", "run"):
        (place / name).mkdir(parents=True)
    return Drill(full_house, backup, identity, House(place / "house", capsys))


def state_of(house: House, recording: str) -> State:
    """How a recording stands in a register."""
    with closing(house.open()) as installation:
        return installation.register().recording(recording).state


def test_what_was_erased_since_is_erased_again(drill: Drill, tmp_path: Path) -> None:
    """Restoring a backup never brings back what was erased after it."""
    assert drill.house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    shutil.copytree(drill.house.folder / "state/vault", drill.new.folder.parent / "state/vault")

    told = drill.restore(*drill.journals())

    assert told["destroyed"] == [RECORDING]
    assert state_of(drill.new, RECORDING) is State.ERASED
    with closing(drill.new.open()) as installation:
        register = installation.register()
        assert register.keys(RECORDING) == []
        assert register.call(f"c{RECORDING[1:]}").caller_sealed is None
        assert register.keys(OTHER)
    assert drill.new("certificate", "show", RECORDING, "--to", tmp_path / "proof") == 0
    assert drill.new("certificate", "verify", tmp_path / "proof") == 0
    assert "restored" in drill.new.kinds()


def test_what_was_restricted_since_is_restricted_again(drill: Drill) -> None:
    """A restriction that is younger than the backup keeps the recording from listeners and from periods."""
    assert drill.house("recordings", "restrict", RECORDING, "--ground", "claims") == 0
    with closing(drill.house.open()) as installation:
        installation.journal().write()  # as the daemon does at each tick

    drill.restore(*drill.journals())

    with closing(drill.new.open()) as installation:
        register = installation.register()
        (restriction,) = register.restrictions()
        assert (restriction.recording, restriction.ground) == (RECORDING, "claims")
        assert register.recording(RECORDING).restricted
        due = {each.id for each in register.due(drill.new.clock.now() + timedelta(days=9999))}
        assert OTHER in due and RECORDING not in due
    told = drill.new.clock.now().isoformat()
    assert drill.new("recordings", "lift", restriction.id, "--told", told) == 0


def test_who_was_forgotten_since_is_forgotten_again(
    full_house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Number and words of whoever was erased after the backup do not come back with it, in no file."""
    asks = (("erasure", "Ms Miller"), ("objection", "Anna Miller"), ("access", "Mr Other"))
    for right, contact in asks:
        number = "+4930555555" if right == "access" else NUMBER
        said = ("--right", right, "--caller", number, "--contact", contact)
        assert full_house("requests", "open", *said) == 0
    secret, public = new_identity()
    backup, identity, place = tmp_path / "backup.age", tmp_path / "identity", tmp_path / "elsewhere"
    identity.write_text(f"{secret}\n")
    identity.chmod(0o600)
    assert full_house("backup", backup, "--recipient", public) == 0
    for name in ("spool", "run"):
        (place / name).mkdir(parents=True)
    listed = {each["contact"]: each["id"] for each in full_house.json("requests", "list")}
    assert full_house("requests", "refuse", listed["Anna Miller"], "--reason", "unfounded") == 0
    assert full_house("requests", "identify", listed["Ms Miller"], "--method", "callback") == 0
    assert full_house("requests", "fulfil", listed["Ms Miller"]) == 0
    with closing(full_house.open()) as installation:
        installation.journal().write()  # as the daemon does at each tick

    drill = Drill(full_house, backup, identity, House(place / "house", capsys))
    shutil.copytree(full_house.folder / "state/vault", place / "state/vault")
    drill.restore(*drill.journals())

    assert sorted(each["contact"] for each in drill.new.json("requests", "list")) == ["", "", "Mr Other"]
    for file in place.rglob("*"):
        assert not file.is_file() or b"Miller" not in file.read_bytes()


def test_the_wrapped_key_is_nowhere_in_the_restored_files(drill: Drill) -> None:
    """Not even the bytes of a key that was destroyed are on the new disk."""
    with closing(drill.house.open()) as installation:
        (key,) = installation.register().keys(RECORDING)
        (kept,) = installation.register().keys(OTHER)
    assert drill.house("erase", "--recording", RECORDING, "--reason", "requested") == 0

    drill.restore(*drill.journals(), status=1)  # the vault is not there yet: its container waits

    state = drill.new.folder.parent / "state"
    everything = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert kept.wrapped in everything
    assert key.wrapped not in everything
    assert state_of(drill.new, RECORDING) is State.ERASING


def test_a_journal_that_is_missing_or_cut_is_refused(drill: Drill, tmp_path: Path) -> None:
    """Without the journal, or with one that ends before the backup, nothing is restored and nothing made."""
    assert drill.house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    cut = tmp_path / "cut.journal"
    whole = (drill.house.folder / "journal/erasures.journal").read_bytes()
    lines = whole.splitlines(keepends=True)
    cut.write_bytes(b"".join(lines[1:]))

    drill.restore(status=1)
    assert "[journal-missing]" in drill.new.err
    drill.restore("--journal", cut, status=1)
    assert "[journal-damaged]" in drill.new.err
    assert not (drill.new.folder / "config.yaml").exists()


def test_an_older_journal_is_refused(drill: Drill, tmp_path: Path) -> None:
    """A journal that the backup is ahead of is refused."""
    assert drill.house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    old = tmp_path / "old.journal"
    shutil.copy(drill.house.folder / "journal/erasures.journal", old)
    assert drill.house("erase", "--recording", OTHER, "--reason", "requested") == 0
    later = tmp_path / "later.age"
    public = new_identity()
    drill.identity.write_text(public[0])
    assert drill.house("backup", later, "--recipient", public[1]) == 0
    drill.backup = later

    drill.restore("--journal", old, status=1)
    assert "[journal-older]" in drill.new.err


def test_a_person_may_decide_to_do_without_and_that_is_told(drill: Drill) -> None:
    """A restore without a journal is possible by a person's word; ledger and an alarm tell of it."""
    assert drill.house("erase", "--recording", RECORDING, "--reason", "requested") == 0

    drill.restore("--accept-missing-journal")

    with closing(drill.new.open()) as installation:
        alarms = installation.register().alarms()
        (told,) = [entry for entry in installation.register().entries() if entry.kind == "restored"]
    assert "restored-without-journal" in [alarm.id for alarm in alarms]
    assert told.payload and told.payload["journal"] == "none"
    assert str(told.payload["user"]).startswith("cli:")


def test_the_drill_from_the_backup_to_the_sound(drill: Drill, tmp_path: Path) -> None:
    """Backup, vault and escrow together open what was kept, on a machine that had nothing."""
    place = drill.new.folder.parent
    shutil.copytree(drill.house.folder / "state/vault", place / "state/vault")
    drill.restore(*drill.journals())
    new, escrow = tmp_path / "new", tmp_path / "escrow"
    new.write_text("a horse of no colour at all\n")
    escrow.write_text(ESCROW + "\n")
    kept = drill.house.folder / "escrow"

    arguments = ("--copies", kept, "--escrow-passphrase-file", escrow, "--passphrase-file", new)
    assert drill.new("keys", "recover", kept / "recipient-escrow.json", *arguments) == 0, drill.new.err
    to = ("--to", tmp_path / "sound.wav", "--reason", "dispute", "--passphrase-file", new)
    assert drill.new("recordings", "export", OTHER, *to) == 0, drill.new.err
    assert drill.new("ledger", "verify") == 0


def test_no_private_key_of_the_vault_and_no_number_is_in_a_backup(drill: Drill, tmp_path: Path) -> None:
    """What a backup holds opens no recording, and shows no number."""
    clear = tmp_path / "clear.tar"
    with drill.backup.open("rb") as source, clear.open("wb") as target:
        decrypt(source, target, [drill.identity.read_text().splitlines()[1]])
    data = clear.read_bytes()

    keys = drill.house.folder / "state/keys"
    for path in (*keys.glob("*.json"), *(drill.house.folder / "escrow").iterdir()):
        assert path.read_bytes() not in data
        assert path.name.encode() not in data
    assert (keys / "signing.key").read_bytes() in data
    assert NUMBER.encode() not in data
    assert b"SQLite format 3" not in drill.backup.read_bytes()


@pytest.mark.parametrize("at", [0.1, 0.5, 0.99])
def test_a_changed_backup_is_refused(drill: Drill, at: float) -> None:
    """One flipped bit anywhere in a backup, or its end cut off, makes nothing."""
    data = bytearray(drill.backup.read_bytes())
    data[int(len(data) * at)] ^= 1
    drill.backup.write_bytes(bytes(data))
    drill.restore("--accept-missing-journal", status=1)
    assert not (drill.new.folder / "config.yaml").exists()


def test_only_its_recipient_opens_it(drill: Drill) -> None:
    """Another key opens nothing, and a backup without a recipient is not made."""
    drill.identity.write_text(new_identity()[0])
    drill.restore("--accept-missing-journal", status=1)
    assert "[not-for-this-key]" in drill.new.err
    to = drill.backup.with_name("another.age")
    assert drill.house("backup", to) == 1 and "[no-recipient]" in drill.house.err
    assert drill.house("backup", to, "--recipient", "age1nonsense") == 1
    assert "[not-a-recipient]" in drill.house.err
    assert not to.exists() and not list(to.parent.glob(".*partial"))


def test_a_place_that_is_not_empty_is_left_alone(drill: Drill) -> None:
    """A backup is restored over nothing."""
    drill.restore("--accept-missing-journal")
    before = (drill.new.folder / "config.yaml").read_bytes()
    drill.restore("--accept-missing-journal", status=1)
    assert "[not-empty]" in drill.new.err
    assert (drill.new.folder / "config.yaml").read_bytes() == before


def test_what_was_erased_again_is_in_the_journal_that_goes_on(drill: Drill, tmp_path: Path) -> None:
    """The journal goes on after a restore, and a second restore of the old backup erases the same."""
    assert drill.house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    drill.restore(*drill.journals(), status=1)
    assert drill.new("erase", "--recording", OTHER, "--reason", "requested") == 1  # its container waits

    journals = sorted(path for path in drill.new.folder.parent.rglob("erasures.journal"))
    assert len(journals) == 2
    place = tmp_path / "third"
    for name in ("spool", "run"):
        (place / name).mkdir(parents=True)
    drill.new.folder = place / "house"
    told = drill.restore(*[word for path in journals for word in ("--journal", path)], status=1)
    assert set(told["destroyed"]) == {RECORDING, OTHER}  # type: ignore[call-overload]
