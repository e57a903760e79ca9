"""`recordings redact | mark-part | account`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.house import RECORDING, House

KEY = ("--passphrase-file",)


def derived(house: House) -> str:
    """The id of the recording that the last command made."""
    return house.out.split()[1]


def test_a_redaction_from_the_command_to_the_account(full_house: House, tmp_path: Path) -> None:
    """The new one verifies, opened too; the old one has its certificate; the account proves itself."""
    house = full_house
    command = ("recordings", "redact", RECORDING, "--from", "0:01", "--to", "1.5", "--why", "a card number")
    assert house(*command, *KEY, house.passphrase) == 0, house.err
    new = derived(house)

    assert house("recordings", "verify", "--open", *KEY, house.passphrase) == 0
    assert house("certificate", "show", RECORDING, "--to", tmp_path / "certificate.json") == 0
    assert house("certificate", "verify", tmp_path / "certificate.json") == 0
    assert "redacted" in house.out
    assert house("recordings", "account", new, "--to", tmp_path / "account.json") == 0
    assert house("certificate", "verify", tmp_path / "account.json") == 0
    assert "a card number" in house.out and RECORDING in house.out
    assert {"derivation-begun", "recording-derived", "keys-destroyed"} <= set(house.kinds())


def test_a_part_beside_its_recording(full_house: House) -> None:
    """Both are there, and each has its own length."""
    house = full_house
    command = ("recordings", "mark-part", RECORDING, "--from", "0.5", "--to", "1.5", "--purpose", "quality")
    assert house(*command, "--why", "to train", *KEY, house.passphrase) == 0, house.err

    new = derived(house)
    listed = house.json("recordings", "list")
    assert {each["id"] for each in listed} == {RECORDING, new}
    assert house("recordings", "verify", "--open", *KEY, house.passphrase) == 0


@pytest.mark.parametrize(
    ("more", "status", "id"),
    [
        (("--from", "x", "--to", "1"), 2, "no place"),
        (("--from", "0:61", "--to", "99"), 2, "no place"),
        (("--from", "1"), 2, "--to"),
        (("--from", "1", "--to", "2", "--from", "1"), 2, "--to"),
        (("--from", "1", "--to", "0.5"), 1, "no span"),
        (("--from", "5", "--to", "6"), 1, "no span"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    full_house: House, more: tuple[str, ...], status: int, id: str
) -> None:
    """One clear error, and neither a container nor an entry of the ledger more."""
    house = full_house
    before = house.kinds()
    assert house("recordings", "redact", RECORDING, *more, "--why", "a", *KEY, house.passphrase) == status

    assert id in house.err
    assert [kind for kind in house.kinds() if kind != "unlocked"] == before


def test_a_recording_that_was_not_derived_has_no_account(full_house: House) -> None:
    """It is told so."""
    assert full_house("recordings", "account", RECORDING) == 1
    assert "not made of another" in full_house.err
