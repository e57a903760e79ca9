"""`keys`: the change of the vault's key from the command line, and the drill for its loss."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.house import ESCROW, NUMBER, RECORDING, House

pytestmark = pytest.mark.thorough

NEW = "a horse of no colour at all"


def epochs(house: House) -> list[dict[str, object]]:
    """Every epoch, as `keys status` tells."""
    told = house.json("keys", "status")["epochs"]
    assert isinstance(told, list)
    return told


def rotate(house: House) -> str:
    """Change the key a month later; returns the new epoch."""
    house.clock.time += timedelta(days=30)
    assert house("keys", "rotate", "--passphrase-file", house.passphrase) == 0, house.err
    return str(epochs(house)[-1]["id"])


def test_rotation_from_end_to_end(full_house: House, tmp_path: Path) -> None:
    """After a rotation the recording and its caller's number open, and the old key's end is certified."""
    house = full_house
    old = str(epochs(house)[0]["id"])

    new = rotate(house)

    assert [(each["id"], each["sealed"], len(each["files"])) for each in epochs(house)] == [  # type: ignore[arg-type]
        (old, 0, 0),
        (new, 2, 2),
    ]
    files = ("--passphrase-file", house.passphrase)
    to = tmp_path / "recording.wav"
    assert house("recordings", "export", RECORDING, "--to", to, "--reason", "dispute", *files) == 0, house.err
    with closing(house.open()) as installation:
        keeper = installation.keeper()
        keeper.unlock(house.passphrase.read_text().strip(), by="test")
        call = installation.register().call(f"c{RECORDING[1:]}")
        assert keeper.open_caller(call) == NUMBER

    proof = tmp_path / "proof.json"
    assert house("keys", "certificate", old, "--to", proof) == 0
    assert house("certificate", "verify", proof) == 0 and old in house.out
    proof.write_bytes(proof.read_bytes().replace(b'"files":', b'"filez":'))
    assert house("certificate", "verify", proof) == 1
    assert house("keys", "certificate", new) == 1 and "[no-certificate]" in house.err


def test_a_page_that_is_unlocked_goes_on(full_house: House) -> None:
    """A page that was unlocked before the rotation opens what is sealed to the new epoch."""
    house = full_house
    with closing(house.open()) as installation:
        keeper = installation.keeper()
        keeper.unlock(house.passphrase.read_text().strip(), by="test")
        before = keeper.data_key(RECORDING, 1)
        rotate(house)
        assert keeper.data_key(RECORDING, 1) == before
        assert len(keeper.keys().keys() & {str(each["id"]) for each in epochs(house)}) == 1


def test_a_wrong_passphrase_changes_nothing(house: House) -> None:
    """Without the passphrase there is no rotation."""
    house.passphrase.write_text("something else\n")

    assert house("keys", "rotate", "--passphrase-file", house.passphrase) == 1
    assert "[wrong-passphrase]" in house.err
    assert len(epochs(house)) == 1


def test_what_is_current_is_not_destroyed(house: House) -> None:
    """The current epoch, and one that nobody knows, are refused; there is nothing to carry on."""
    (current,) = epochs(house)
    assert house("keys", "destroy", str(current["id"])) == 1 and "[epoch-lives]" in house.err
    assert house("keys", "destroy", "0" * 16) == 1 and "[unknown-epoch]" in house.err
    assert house("keys", "rewrap", "--passphrase-file", house.passphrase) == 0
    assert "Nothing" in house.out


def test_an_overdue_epoch_is_told(house: House) -> None:
    """keys status says when a change is overdue, and its exit status says so too."""
    house.clock.time += timedelta(days=40)

    assert house.json("keys", "status", status=1)["overdue"] is True


def test_the_drill_for_the_loss_of_the_pages_key(full_house: House, tmp_path: Path) -> None:
    """With the page's key lost, the escrow key gives the page a new one, and everything opens again."""
    house = full_house
    rotate(house)
    tried = tmp_path / "tried"
    tried.write_text(ESCROW + "\n")
    drill = (
        "keys",
        "drill",
        house.folder / "escrow/recipient-escrow.json",
        "--escrow-passphrase-file",
        tried,
    )
    assert house(*drill) == 0 and "opens the epoch" in house.out
    kept = tmp_path / "elsewhere"
    (house.folder / "escrow").rename(kept)
    (house.folder / "escrow").mkdir()
    for path in (house.folder / "state/keys").glob("*.json"):
        path.unlink()
    escrow, new = tmp_path / "escrow-passphrase", tmp_path / "new-passphrase"
    escrow.write_text(ESCROW + "\n")
    new.write_text(NEW + "\n")
    command = ("keys", "recover", kept / "recipient-escrow.json")
    files = ("--escrow-passphrase-file", escrow, "--passphrase-file", new)

    assert house("keys", "drill", kept / "recipient-escrow.json", *drill[3:]) == 1
    assert "does NOT open" in house.out and house.kinds().count("escrow-tried") == 2
    assert house(*command, *files) == 1 and "[no-escrow-copy]" in house.err
    assert house(*command, "--copies", kept, "--escrow-passphrase-file", new, "--passphrase-file", new) == 1
    assert "[wrong-passphrase]" in house.err
    assert house(*command, "--copies", kept, *files) == 0, house.err

    to = tmp_path / "recording.wav"
    arguments = ("--to", to, "--reason", "dispute", "--passphrase-file")
    assert house("recordings", "export", RECORDING, *arguments, house.passphrase) == 1
    assert house("recordings", "export", RECORDING, *arguments, new) == 0, house.err
    assert "key-recovered" in house.kinds()


@pytest.mark.parametrize(
    ("fault", "id"),
    [
        (lambda path: path.chmod(0o640), "key-open"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "damaged-key"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b"epoch_key", b"other_key")), "wrong-kind"),
        (
            lambda path: path.write_bytes(path.read_bytes().replace(b'version":1', b'version":9')),
            "unknown-version",
        ),
    ],
)
def test_a_faulty_key_is_a_clear_error(full_house: House, tmp_path: Path, fault, id: str) -> None:  # type: ignore[no-untyped-def]
    """A private key that is open to others, damaged, of another kind or version is named by that."""
    house = full_house
    (path,) = (house.folder / "state/keys").glob("epoch-*.json")
    fault(path)

    to = ("--to", tmp_path / "r.wav", "--reason", "dispute", "--passphrase-file", house.passphrase)
    assert house("recordings", "export", RECORDING, *to) == 1
    assert f"[{id}]" in house.err


def test_a_missing_key_is_a_clear_error(full_house: House, tmp_path: Path) -> None:
    """Without the epoch's private key nothing opens, and that is said."""
    house = full_house
    (path,) = (house.folder / "state/keys").glob("epoch-*.json")
    path.unlink()

    to = ("--to", tmp_path / "r.wav", "--reason", "dispute", "--passphrase-file", house.passphrase)
    assert house("recordings", "export", RECORDING, *to) == 1
    assert "[epoch-key-missing]" in house.err and path.name.split("-")[1][:16] in house.err


def test_without_a_good_public_key_nothing_starts(house: House) -> None:
    """A daemon whose public key is damaged in the register does not start, and says which key."""
    import sqlite3

    with closing(sqlite3.connect(house.folder / "state/register.db")) as register, register:
        (id,) = register.execute("SELECT id FROM epochs").fetchone()
        register.execute("UPDATE epochs SET public = zeroblob(length(public))")

    with closing(house.open()) as installation, pytest.raises(Exception, match=id) as damaged:
        installation.vault_public_key()
    assert getattr(damaged.value, "id", "") == "damaged-key"
    assert house("run") == 1 and "[damaged-key]" in house.err and id in house.err


def test_without_any_key_file_unlocking_says_so(house: House) -> None:
    """A vault without any key file is named as such, and not as locked by another passphrase."""
    for path in (house.folder / "state/keys").glob("*.json"):
        path.unlink()

    assert house("keys", "rotate", "--passphrase-file", house.passphrase) == 1
    assert "[vault-unconfigured]" in house.err
