"""The vault under a real PKCS#11 module: SoftHSM, from the command to the sound, and what goes wrong."""

from __future__ import annotations

from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass

from asterisk_gdpr.adapters.token import Pkcs11Token
from asterisk_gdpr.errors import Refused, Unreachable
from tests.cli.conftest import full_house, house, made, raw, recorded
from tests.cli.house import RECORDING, House
from tests.fakes.token import PIN
from tests.token.softhsm import LABEL, SoftHsm

__all__ = ["full_house", "house", "made", "raw", "recorded"]

pytestmark = pytest.mark.live


def test_the_key_never_leaves_the_token(softhsm: SoftHsm) -> None:
    """It cannot be read, not even by whoever has the PIN, and does nothing but wrap."""
    Pkcs11Token(softhsm.module, LABEL, "stays").make_key(PIN)
    token = pkcs11.lib(str(softhsm.module)).get_token(token_label=LABEL)
    with token.open(user_pin=PIN) as session:
        key = session.get_key(object_class=ObjectClass.SECRET_KEY, label="stays")
        assert key[Attribute.SENSITIVE] and not key[Attribute.EXTRACTABLE]
        assert not key[Attribute.DECRYPT] and not key[Attribute.ENCRYPT]
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            assert key[Attribute.VALUE]


def test_a_token_or_a_module_that_is_not_there(softhsm: SoftHsm, tmp_path: Path) -> None:
    """Each is one clear error with what to do, and no PIN is needed to see it."""
    with pytest.raises(Unreachable) as away:
        Pkcs11Token(softhsm.module, "another", "k").look()
    assert away.value.id == "token-away" and away.value.hint
    (tmp_path / "no-module.so").write_text("no library")
    for module in (tmp_path / "nowhere.so", tmp_path / "no-module.so"):
        with pytest.raises(Refused) as refused:
            Pkcs11Token(module, LABEL, "k").look()
        assert refused.value.id == "token-module" and refused.value.hint


def test_the_vault_under_a_token_from_the_command_to_the_sound(
    full_house: House, softhsm: SoftHsm, tmp_path: Path
) -> None:
    """Its PIN unlocks it and the old passphrase does not; then a passphrase again; it opens throughout."""
    house = full_house
    pin, wrong, new = tmp_path / "pin", tmp_path / "wrong", tmp_path / "new"
    pin.write_text(PIN)
    wrong.write_text("0000")
    new.write_text("a horse of no colour at all")
    key = house.folder / "state/keys/recipient-page.json"

    def exported(by: Path) -> int:
        to = tmp_path / f"{len(list(tmp_path.glob('*.wav')))}.wav"
        options = ("--to", to, "--reason", "dispute", "--passphrase-file", by)
        return house("recordings", "export", RECORDING, *options)

    to_token = ("keys", "to-token", "--passphrase-file", house.passphrase, "--pin-file")
    assert house(*to_token, pin) == 1 and "[no-token]" in house.err
    with house.config.open("a") as file:
        file.write(f"token: {{module: {softhsm.module}, label: {LABEL}, key: house}}\n")
    before = key.read_bytes()
    assert house(*to_token, wrong) == 1 and "[wrong-pin]" in house.err
    assert key.read_bytes() == before and exported(house.passphrase) == 0

    assert house(*to_token, pin) == 0, house.err
    assert PIN not in house.out + house.err
    assert b"vault_token_key" in key.read_bytes()
    assert house("keys", "rotate", "--passphrase-file", pin) == 0, house.err
    assert exported(pin) == 0, house.err
    assert exported(house.passphrase) == 1 and "[wrong-passphrase]" in house.err
    house("check")
    assert "[token-" not in house.out and "[vault-key-" not in house.out

    text = house.config.read_text()
    house.config.write_text(text.replace(f"label: {LABEL}", "label: unplugged"))
    assert exported(pin) == 3 and "[token-away]" in house.err and len(house.err.splitlines()) <= 2
    assert house("check") == 1 and "[token-away]" in house.out
    house.config.write_text(text)

    safe = tmp_path / "safe.json"
    by_token = ("--token-module", softhsm.module, "--token-key", "escrow")
    making = ("keys", "new-escrow", safe, "--passphrase-file", pin, "--escrow-passphrase-file", pin)
    assert house(*making, *by_token) == 2
    assert house(*making, "--token-label", LABEL, *by_token) == 0, house.err
    assert b"vault_token_key" in safe.read_bytes() and safe.stat().st_mode & 0o777 == 0o600
    drill = ("keys", "drill", safe, "--escrow-passphrase-file")
    assert house(*drill, wrong, *by_token) == 1 and "[wrong-pin]" in house.err
    assert house(*drill, pin, *by_token) == 0, house.err
    for lost in (house.folder / "state/keys").glob("*.json"):
        lost.rename(tmp_path / lost.name)
    recovering = ("keys", "recover", safe, "--escrow-passphrase-file", pin, "--passphrase-file", new)
    assert house(*recovering) == 1 and "[no-token]" in house.err
    assert house(*recovering, *by_token) == 0, house.err
    assert exported(new) == 0, house.err
    for found in tmp_path.glob("*-*.json"):
        found.rename(house.folder / "state/keys" / found.name)
    assert exported(pin) == 0, house.err

    back = ("keys", "to-passphrase", "--passphrase-file", pin, "--new-passphrase-file", new)
    assert house(*back) == 0, house.err
    assert exported(new) == 0, house.err
    assert house.kinds().count("page-key-changed") == 2
    assert house.kinds().count("escrow-key-changed") == 1
