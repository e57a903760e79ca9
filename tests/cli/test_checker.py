"""What is signed is checked by docs/format.md alone: by a program that shares no line with this one."""

from __future__ import annotations

import hmac
import json
import re
from contextlib import closing
from datetime import timedelta
from hashlib import sha3_256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.cli.house import RECORDING, House
from tests.evidence import checker

pytestmark = pytest.mark.thorough

CHECKOUT = Path(__file__).parents[2]
CALL = f"c{RECORDING[1:]}"


@pytest.fixture
def handed(full_house: House, tmp_path: Path) -> Path:
    """Everything that an installation signs beside recordings, as an auditor gets it."""
    house, folder = full_house, tmp_path / "handed"
    folder.mkdir()
    assert house("calls", "evidence", CALL, "--to", folder / "choice") == 0, house.err
    with closing(house.open()) as installation:
        (epoch,) = installation.register().epochs()
        assert installation.anchors().tick()
        (heads,) = installation.config.ledger.heads
    house.clock.time += timedelta(days=30)
    assert house("keys", "rotate", "--passphrase-file", house.passphrase) == 0, house.err
    assert house("keys", "certificate", epoch.id, "--to", folder / "epoch") == 0
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    assert house("certificate", "show", RECORDING, "--to", folder / "erasure") == 0
    assert house("ledger", "export", folder / "ledger") == 0
    (key,) = (house.folder / "state/keys").glob("verify-*.pub")
    for name, source in (
        ("key", key),
        ("heads", heads),
        ("journal", house.folder / "journal/erasures.journal"),
    ):
        (folder / name).write_bytes(source.read_bytes())
    return folder


def checked(folder: Path, what: str, name: str, *heads: str) -> str:
    """What the checker says of a file."""
    said = [word for head in heads for word in ("--heads", str(folder / head))]
    return checker.main([what, str(folder / name), str(folder / "key"), *said])


WHAT = {
    "ledger": "ledger",
    "heads": "heads",
    "journal": "journal",
    "choice": "document",
    "erasure": "document",
    "epoch": "document",
}


def test_a_stranger_s_checker_accepts_all_that_is_signed(handed: Path) -> None:
    """Ledger, heads, journal, evidence and certificates verify by a program that has only the document."""
    assert "erased" in checked(handed, "ledger", "ledger", "heads")
    assert checked(handed, "heads", "heads") == "1 heads"
    assert int(checked(handed, "journal", "journal").split()[0]) > 1
    told = [checked(handed, "document", name).split(",")[0] for name in ("choice", "erasure", "epoch")]
    assert told == ["choice_evidence", "erasure_certificate", "epoch_certificate"]


def test_a_stranger_s_checker_refuses_each_change(handed: Path) -> None:
    """One flipped bit anywhere, a cut, and another key, are refused by it too."""
    key = (handed / "key").read_bytes()
    for name in WHAT:
        refused(handed, name)
        (handed / "key").write_bytes(key)


def refused(handed: Path, name: str) -> None:
    """Whatever is done to a file of this name."""
    whole = (handed / name).read_bytes()
    step = max(1, len(whole) // 60)
    forged = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole) - 1, step)]
    for data in (*forged, whole[:-1] if name != "journal" else whole[1:]):
        (handed / name).write_bytes(data)
        with pytest.raises((checker.Refused, ValueError)):
            checked(handed, WHAT[name], name)
    (handed / name).write_bytes(whole)
    (handed / "key").write_text(f"asterisk-gdpr verify-key {'11' * 32}\n")
    with pytest.raises(checker.Refused, match="unknown key"):
        checked(handed, WHAT[name], name)


def test_a_stranger_s_checker_names_the_place(handed: Path) -> None:
    """An entry that is dropped, moved or cut off is named."""
    lines = (handed / "ledger").read_bytes().splitlines(keepends=True)
    for forged, place in (
        ([*lines[:2], *lines[3:]], "entry 3"),
        ([lines[0], lines[2], lines[1], *lines[3:]], "entry 2"),
        ([*lines[:-3], lines[-1]], "the head"),
    ):
        (handed / "ledger").write_bytes(b"".join(forged))
        with pytest.raises(checker.Refused, match=place):
            checked(handed, "ledger", "ledger")


def test_a_stranger_s_checker_finds_a_ledger_that_contradicts_a_head(handed: Path) -> None:
    """A head that was signed earlier, of another ledger, is not agreed with."""
    head = json.loads((handed / "heads").read_bytes())
    export = (handed / "ledger").read_bytes()
    with pytest.raises(checker.Refused, match="signed earlier"):
        keys = dict([checker.key_of(handed / "key")])
        checker.check_ledger(export, keys, [(head["body"]["seq"], "00" * 32)])


def test_the_checker_shares_nothing_with_the_product() -> None:
    """Fewer than 200 lines, the standard library, and Ed25519 of a library that anyone has."""
    text = (CHECKOUT / "tests/evidence/checker.py").read_text(encoding="utf-8")

    assert len(text.splitlines()) < 200
    imported = re.findall(r"^(?:import|from) (\S+)", text, re.MULTILINE)
    assert {name.split(".")[0] for name in imported} == {
        *("argparse", "json", "re", "sys", "collections", "hashlib", "pathlib", "typing", "cryptography"),
    }


def test_wrapped_keys_open_by_the_formulas_of_the_document() -> None:
    """What is sealed to a pair opens by ML-KEM, X25519, SHA3, HMAC and AES alone, without anybody's HPKE."""
    vectors = json.loads((CHECKOUT / "tests/golden/vectors.json").read_text())
    private = bytes.fromhex(vectors["keys"]["vault"]["private"])
    opened = 0
    for container in vectors["containers"].values():
        for generation, wrapped in container["wrapped_keys"].items():
            info = f"asterisk-gdpr data-key v1\0{container['recording']}\0{generation}".encode()
            assert len(by_hand(private, bytes.fromhex(wrapped), info)) == 32
            opened += 1
    for field in vectors["fields"]:
        place = "\0".join((field["table"], field["column"], field["row"]))
        info = f"asterisk-gdpr field v1\0{place}".encode()
        assert by_hand(private, bytes.fromhex(field["sealed"]), info).decode() == field["text"]
        opened += 1
    assert opened > 5


def by_hand(private: bytes, sealed: bytes, info: bytes) -> bytes:
    """docs/format.md, section 2.1."""
    suite = b"HPKE" + bytes.fromhex("647a00010002")

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
        labelled = length.to_bytes(2) + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, labelled + b"\x01", "sha256")[:length]

    lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(private[:64])
    curve = x25519.X25519PrivateKey.from_private_bytes(private[64:])
    first, second, body = sealed[:1088], sealed[1088:1120], sealed[1120:]
    shared = (
        lattice.decapsulate(first)
        + curve.exchange(x25519.X25519PublicKey.from_public_bytes(second))
        + second
        + curve.public_key().public_bytes_raw()
    )
    secret = extract(sha3_256(shared + b"\\.//^\\").digest(), b"secret", b"")
    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, body, None)
