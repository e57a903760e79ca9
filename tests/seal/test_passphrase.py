"""The vault's private key at rest."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from asterisk_gdpr.errors import GdprError, Misuse
from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.errors import DamagedKey, UnknownVersion, WrongKind, WrongPassphrase
from asterisk_gdpr.seal.keys import VaultPrivateKey
from asterisk_gdpr.seal.passphrase import Cost, key_id_of, protect, unlock

CHEAP = Cost(memory_kib=32, iterations=1, lanes=1)
PRIVATE = VaultPrivateKey.generate()
DOCUMENT = protect(PRIVATE, "correct horse", created_at="2026-11-23T10:00:00Z", cost=CHEAP)


def changed(**fields: Any) -> bytes:
    """The document with other fields and a checksum that fits them, as a forger would write it."""
    document = json.loads(DOCUMENT) | fields
    del document["sha256"]
    document["sha256"] = hashlib.sha256(canonical(document)).hexdigest()
    return canonical(document) + b"\n"


def test_passphrase_unlocks() -> None:
    """The passphrase gives back the very key, and the document names it without one."""
    assert unlock(DOCUMENT, "correct horse").to_bytes() == PRIVATE.to_bytes()
    assert key_id_of(DOCUMENT) == PRIVATE.public.id


def test_wrong_passphrase_is_told_apart() -> None:
    """A wrong passphrase is called that, with the key's id."""
    with pytest.raises(WrongPassphrase, match=PRIVATE.public.id):
        unlock(DOCUMENT, "correct house")


def test_every_flipped_bit_is_damage() -> None:
    """A key file with one flipped bit is never mistaken for a wrong passphrase, and never opens."""
    for place in range(len(DOCUMENT) - 1):
        flipped = bytearray(DOCUMENT)
        flipped[place] ^= 1 << place % 8
        with pytest.raises((DamagedKey, WrongKind, UnknownVersion)):
            unlock(bytes(flipped), "correct horse")


@pytest.mark.parametrize("length", [0, 1, 100, len(DOCUMENT) - 2])
def test_cut_key_file_is_damaged(length: int) -> None:
    """A key file that was cut is damaged."""
    with pytest.raises(DamagedKey):
        unlock(DOCUMENT[:length], "correct horse")


def test_other_files_are_told_apart() -> None:
    """A file of another kind or a newer version is called that."""
    with pytest.raises(WrongKind):
        unlock(changed(kind="erasure_certificate"), "correct horse")
    with pytest.raises(WrongKind):
        unlock(b"x" * 5000, "correct horse")
    with pytest.raises(UnknownVersion, match="2"):
        unlock(changed(version=2), "correct horse")


@pytest.mark.parametrize(
    "fields",
    [
        {"kdf": {"name": "argon2id", "salt": "00", "memory_kib": 2**40, "iterations": 1, "lanes": 1}},
        {"kdf": {"name": "argon2id", "salt": "00" * 16, "memory_kib": "64", "iterations": 1, "lanes": 1}},
        {"kdf": {"name": "scrypt"}},
        {"kdf": []},
        {"cipher": {"name": "AES-256-GCM", "nonce": "xy"}},
        {"ciphertext": "00"},
        {"ciphertext": None},
        {"algorithm": "RSA"},
        {"more": 1},
        {"key_id": "0123456789abcdef"},
        {"created_at": "2027-01-01T00:00:00Z"},
    ],
)
def test_forged_fields_never_open(fields: dict[str, Any]) -> None:
    """A forged field, its checksum made to fit, neither opens nor breaks the program."""
    with pytest.raises(GdprError):
        unlock(changed(**fields), "correct horse")


def test_copies_have_nothing_in_common() -> None:
    """An escrow copy is the same key under another passphrase and shares only its id with the first."""
    copy = protect(PRIVATE, "battery staple", created_at="2026-11-23T10:00:00Z", cost=CHEAP)

    assert unlock(copy, "battery staple").public.id == key_id_of(DOCUMENT)
    first, second = json.loads(DOCUMENT), json.loads(copy)
    assert first["kdf"]["salt"] != second["kdf"]["salt"]
    assert first["ciphertext"] != second["ciphertext"]


def test_composed_letters_are_one_passphrase() -> None:
    """The same words unlock from a keyboard that composes its letters in another way."""
    composed, decomposed = "Schl\u00fcssel", "Schlu\u0308ssel"
    document = protect(PRIVATE, composed, created_at="2026-11-23T10:00:00Z", cost=CHEAP)

    assert unlock(document, decomposed).public.id == PRIVATE.public.id


def test_empty_passphrase_is_refused() -> None:
    """No key is written under an empty passphrase."""
    with pytest.raises(Misuse):
        protect(PRIVATE, "", created_at="2026-11-23T10:00:00Z", cost=CHEAP)


@pytest.mark.parametrize(
    "cost", [(7, 1, 1), (64, 0, 1), (64, 1, 0), (2**30, 1, 1), (64, 100, 1), (64, 1, 17)]
)
def test_cost_has_bounds(cost: tuple[int, int, int]) -> None:
    """A cost that Argon2id does not know, or that would stop the machine, is refused."""
    with pytest.raises(Misuse):
        Cost(*cost)
