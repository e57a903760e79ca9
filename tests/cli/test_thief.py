"""What a thief gets of a real installation, by what they have stolen: docs/security.md, section 3."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from asterisk_gdpr.core.epoch import Role
from asterisk_gdpr.core.requests import Right
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.checks import keys as checks
from asterisk_gdpr.service.keys.key_files import KeyFolder, Kind, key_text
from asterisk_gdpr.service.keys.recovery import copies_in
from asterisk_gdpr.service.keys.vault_keys import open_private_keys
from tests.cli.house import ESCROW, NUMBER, PASSPHRASE, RECORDING, House

PASSWORD = "a secret that quinn alone knows"
CONTACT, ASKED = "Doktor Eberhard Muster", "please tell me who listened to my call"


def lived_in(house: House, tmp_path: Path) -> House:
    """A house with people in it: a listener, an agent, a caller who has asked for something."""
    (tmp_path / "password").write_text(PASSWORD)
    assert house("users", "add", "quinn", "--role", "quality", "--password-file", tmp_path / "password") == 0
    assert house("agents", "add", "PJSIP/anna", "--version", "2026-11") == 0, house.err
    (tmp_path / "asked").write_text(ASKED)
    opened = ("requests", "open", "--right", Right.ACCESS, "--recording", RECORDING)
    assert house(*opened, "--contact", CONTACT, "--text-file", tmp_path / "asked") == 0, house.err
    return house


def private_keys(house: House, secret: str, documents: list[Path]) -> dict[str, VaultPrivateKey]:
    """Every private key of an epoch that a secret opens of these files."""
    opened = open_private_keys([path.read_bytes() for path in documents], secret)
    return {id: key for id, key in opened.keys.items() if key not in opened.recipients}


def keys_of(house: House) -> list[Path]:
    """The files of the folder of keys."""
    with closing(house.open()) as installation:
        return installation.keys.vault_documents()


def test_what_the_register_alone_tells(full_house: House, tmp_path: Path) -> None:
    """No number, sound, key or password; of people what they wrote and how they are called, as is said."""
    house = lived_in(full_house, tmp_path)
    with closing(house.open()) as installation:
        (wrapped,) = installation.register().keys(RECORDING)
        signing, index = installation.signing_key().to_bytes(), installation.index_key().to_bytes()
    (epoch,) = private_keys(house, PASSPHRASE, keys_of(house)).values()
    data_key = epoch.unwrap(wrapped.wrapped, data_key_info(RECORDING, 1))
    register = b"".join(path.read_bytes() for path in (house.folder / "state").glob("register.db*"))

    assert wrapped.wrapped in register, "what is looked for can be found"
    kept = (NUMBER, NUMBER[1:], f"0{NUMBER[3:]}", NUMBER[3:], PASSWORD, PASSPHRASE, ESCROW)
    assert [each for each in kept if each.encode() in register] == []
    for secret in (data_key, epoch.to_bytes(), epoch.to_bytes()[64:], signing, index):
        assert secret not in register and secret.hex().encode() not in register
    told = ("quinn", "PJSIP/anna", CONTACT, ASKED, "sales", "$argon2id$")
    assert [each for each in told if each.encode() not in register] == []


def test_the_escrow_key_opens_nothing_without_the_copies(full_house: House) -> None:
    """With the whole installation, its register and its vault, but no escrow copy, it opens no epoch."""
    house = full_house
    escrow = house.folder / "escrow/recipient-escrow.json"
    copies = copies_in([house.folder / "escrow"])

    assert private_keys(house, ESCROW, [escrow, *keys_of(house)]) == {}
    assert private_keys(house, ESCROW, copies) == {}
    with closing(house.open()) as installation:
        (wrapped,) = installation.register().keys(RECORDING)
    (opened,) = private_keys(house, ESCROW, [escrow, *copies]).values()
    assert opened.unwrap(wrapped.wrapped, data_key_info(RECORDING, 1))


def test_what_the_daemon_is_given_opens_nothing(full_house: House) -> None:
    """In no file of the whole installation lies what opens a recording, but under a passphrase."""
    house = full_house
    with closing(house.open()) as installation:
        (wrapped,) = installation.register().keys(RECORDING)
    (epoch,) = private_keys(house, PASSPHRASE, keys_of(house)).values()
    data_key, private = epoch.unwrap(wrapped.wrapped, data_key_info(RECORDING, 1)), epoch.to_bytes()
    files = [path.read_bytes() for path in house.folder.rglob("*") if path.is_file()]

    assert any(wrapped.wrapped in data for data in files), "what is looked for can be found"
    for secret in (data_key, private[:32], private[64:], PASSPHRASE.encode(), ESCROW.encode()):
        assert not any(secret in data or secret.hex().encode() in data for data in files)
    for guess in ("", "password", ESCROW):
        assert private_keys(house, guess, keys_of(house)) == {}


def test_a_recipient_that_only_the_register_knows_is_found(full_house: House, tmp_path: Path) -> None:
    """Who can write to the register and names a key of their own there is found by check."""
    house, thief = full_house, VaultPrivateKey.generate().public
    with closing(house.open()) as installation:
        keys, register = installation.keys, installation.register()
        assert list(checks.recipients(keys, register.recipients())) == []
        known = next(each for each in register.recipients() if each.role is Role.ESCROW)
        for name in ("escrow", "another"):
            stranger = replace(known, name=name, key_id=thief.id, public=thief.to_bytes())
            (found,) = checks.recipients(keys, [stranger])
            assert found.id == "strange-recipient" and thief.id in found.message
    shutil.copy(house.folder / "state/register.db", tmp_path / "before")
    with closing(sqlite3.connect(house.folder / "state/register.db")) as written, written:
        changed = (
            "UPDATE recipients SET key_id = ?, public = ? WHERE name = 'escrow'",
            (thief.id, thief.to_bytes()),
        )
        written.execute(*changed)
    assert house("check") == 1 and "[strange-recipient]" in house.out


def test_a_stranger_in_the_register_is_refused_and_taken_out(full_house: House) -> None:
    """With an epoch and a recipient that somebody wrote there, no daemon starts and no key is changed."""
    house, thief = full_house, VaultPrivateKey.generate().public
    rotate = ("keys", "rotate", "--passphrase-file", house.passphrase)
    with closing(sqlite3.connect(house.folder / "state/register.db")) as written, written:
        theirs = (thief.id, thief.to_bytes())
        written.execute(
            "INSERT INTO epochs (id, public, algorithm, began_at, voucher) "
            "SELECT ?, ?, algorithm, '2100-01-01T00:00:00.000000Z', voucher FROM epochs",
            theirs,
        )
        written.execute("UPDATE recipients SET key_id = ?, public = ? WHERE name = 'escrow'", theirs)

    assert house("check") == 1 and "[strange-epoch]" in house.out and "[strange-recipient]" in house.out
    assert house("run") == 1 and "[strange-epoch]" in house.err and thief.id in house.err
    assert house(*rotate) == 1 and "[strange-epoch]" in house.err
    assert house.json("keys", "status", status=1)["strange"] == [thief.id, thief.id]
    with closing(house.open()) as installation:
        assert [(each.id, each.about) for each in installation.register().alarms()] == [
            ("strange-epoch", thief.id)
        ]

    assert house("keys", "reject") == 0, house.err
    assert house.out.count(thief.id) == 2
    assert house("keys", "reject") == 0 and "no key" in house.out
    assert {"epoch-rejected", "recipient-rejected"} <= set(house.kinds())
    assert house.json("keys", "status")["strange"] == []
    house.clock.time += timedelta(days=30)
    assert house(*rotate) == 0, house.err


def test_another_signing_key_takes_over(full_house: House) -> None:
    """After the signing key was replaced nothing is sealed until our keys are vouched for by the new one."""
    house = full_house
    (house.folder / "state/keys/signing.key").unlink()
    signing = SigningKey.generate()
    keys = KeyFolder(house.folder / "state/keys")
    for path, kind, key in (
        (keys.signing, Kind.SIGNING, signing.to_bytes()),
        (keys.verify(signing.verify_key), Kind.VERIFY, signing.verify_key.to_bytes()),
    ):
        path.write_bytes(key_text(kind, key))
        path.chmod(0o600)
    assert house("run") == 1 and "[strange-epoch]" in house.err

    assert house("keys", "reject") == 0, house.err
    with closing(house.open()) as installation:
        assert installation.vault_public_key().id == installation.register().epochs()[0].id
