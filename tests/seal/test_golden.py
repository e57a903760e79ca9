"""What was released stays readable: the golden vectors, by this program and by an independent reader."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from asterisk_gdpr.core.ledger import Verdict
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.seal import framing, segments
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.canonical import canonical, parse_canonical
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.keys import VaultPrivateKey, VaultPublicKey, data_key_info, field_info
from asterisk_gdpr.seal.passphrase import unlock
from asterisk_gdpr.seal.reader import (
    Committed,
    compare_manifest,
    open_manifest,
    open_segment_at,
    scan,
    verify,
)
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.service.proof.ledger import verify_export
from asterisk_gdpr.service.sealing.audio import decode
from tests.seal import reader as stranger
from tests.seal.samples import reading

GOLDEN = Path(__file__).parents[1] / "golden"
FORMAT = Path(__file__).parents[2] / "docs" / "format.md"
VECTORS: dict[str, Any] = json.loads((GOLDEN / "vectors.json").read_text())
KEYS = VECTORS["keys"]
PRIVATE = VaultPrivateKey.from_bytes(bytes.fromhex(KEYS["vault"]["private"]))
VERIFY_KEY = VerifyKey.from_bytes(bytes.fromhex(KEYS["signing"]["public"]))
STRANGERS_KEYS = {KEYS["signing"]["id"]: bytes.fromhex(KEYS["signing"]["public"])}
CONTAINERS = sorted(VECTORS["containers"])


def golden(name: str) -> tuple[bytes, dict[str, Any]]:
    """A container and what is said about it."""
    return (GOLDEN / name).read_bytes(), VECTORS["containers"][name]


def done_to(case: dict[str, Any]) -> bytes:
    """The container of a refused case, after what was done to it."""
    data = bytearray((GOLDEN / case["container"]).read_bytes())
    if "flip" in case:
        place, bit = case["flip"]
        data[place] ^= 1 << bit
    return bytes(data[: case.get("cut", len(data))]) + bytes.fromhex(case.get("append", ""))


def assert_heard(audio: bytes, expected: dict[str, Any]) -> None:
    """What was sealed, to the last bit; of Opus the tone of each side, and nothing of the other's."""
    if "audio_sha256" in expected:
        assert hashlib.sha256(audio).hexdigest() == expected["audio_sha256"]
        return
    sides = np.frombuffer(audio, "<i2").reshape(-1, 2)
    assert len(sides) == expected["manifest"]["frames"]
    loudness = np.abs(np.fft.rfft(sides[:4000], axis=0))  # 2 Hz a step
    mine, others = (np.array(expected["tones"][::step]) // 2 for step in (1, -1))
    assert (np.argmax(loudness, axis=0) == mine).all()
    assert (loudness[others, [0, 1]] < loudness[mine, [0, 1]] / 1000).all()


@pytest.mark.parametrize("name", CONTAINERS)
def test_golden_container_opens(name: str) -> None:
    """Each golden container verifies with public keys and opens to the sound that was sealed."""
    data, expected = golden(name)
    read, committed = reading(data), None
    if expected["outcome"] == "cut":
        committed = Committed(expected["committed"][0], bytes.fromhex(expected["committed"][1]))

    verdict = verify(read, len(data), [VERIFY_KEY], committed=committed)
    assert verdict.complete == (expected["outcome"] == "whole")
    assert list(verdict.segments) == expected["segments"]
    assert verdict.header.recording == expected["recording"]

    found = scan(read, verdict.size)
    data_keys = {
        int(number): PRIVATE.unwrap(bytes.fromhex(wrapped), data_key_info(expected["recording"], int(number)))
        for number, wrapped in expected["wrapped_keys"].items()
    }
    payloads = [open_segment_at(read, found, place, data_keys[place.generation]) for place in found.segments]
    assert_heard(b"".join(decode(payload, found.header.codec)[0] for payload in payloads), expected)
    if "payloads_sha256" in expected:
        assert hashlib.sha256(b"".join(payloads)).hexdigest() == expected["payloads_sha256"]
    if found.manifest:
        manifest = open_manifest(read, found, data_keys[found.manifest.generation])
        assert manifest == expected["manifest"]
        compare_manifest(verdict, manifest)


@pytest.mark.parametrize("name", CONTAINERS)
def test_stranger_opens_golden_container(name: str) -> None:
    """A reader written from docs/format.md alone hears the same and reads the same manifest."""
    data, expected = golden(name)

    found = stranger.verify(data, STRANGERS_KEYS, expected.get("committed"))
    manifest, audio = stranger.listen(found, PRIVATE.to_bytes(), expected["wrapped_keys"])
    assert [place for place, _ in found["segments"]] == expected["segments"]
    assert_heard(audio, expected)
    assert manifest == expected["manifest"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: json.dumps(case)[:70])
def test_golden_damage_is_refused(case: dict[str, Any]) -> None:
    """Golden damage is refused by the name that the vectors give it, by both readers."""
    data, without = done_to(case), case.get("without_keys")
    name = {"damaged": "damaged-container"}.get(case["outcome"], case["outcome"].replace("_", "-"))

    with pytest.raises(GdprError) as refused:
        verify(reading(data), len(data), [] if without else [VERIFY_KEY])
    assert refused.value.id == name
    with pytest.raises(Exception) as refused_too:  # whatever it raises is damage
        stranger.verify(data, {} if without else STRANGERS_KEYS)
    assert case["outcome"] == "damaged" or str(refused_too.value) == case["outcome"]


def test_golden_keys_have_their_ids() -> None:
    """The ids and the public halves of the golden keys are what they were."""
    signing = SigningKey.from_bytes(bytes.fromhex(KEYS["signing"]["private"]))

    assert PRIVATE.public.to_bytes().hex() == KEYS["vault"]["public"]
    assert VaultPublicKey.from_bytes(bytes.fromhex(KEYS["vault"]["public"])).id == KEYS["vault"]["id"]
    assert signing.verify_key.to_bytes() == VERIFY_KEY.to_bytes()
    assert VERIFY_KEY.id == KEYS["signing"]["id"]


def test_golden_key_file_unlocks() -> None:
    """The golden key file opens by its passphrase, for both readers."""
    file, passphrase = VECTORS["key_file"]["file"].encode(), VECTORS["key_file"]["passphrase"]

    assert unlock(file, passphrase).to_bytes() == PRIVATE.to_bytes()
    assert stranger.open_key_file(file, passphrase) == PRIVATE.to_bytes()


def test_golden_document_verifies() -> None:
    """The golden document verifies for both readers, and signing its body again gives the same bytes."""
    document = VECTORS["document"]
    kind, body, file = document["kind"], document["body"], document["file"].encode()
    signing = SigningKey.from_bytes(bytes.fromhex(KEYS["signing"]["private"]))

    assert verify_document(kind, file, [VERIFY_KEY]) == body
    assert stranger.open_document(file, kind, STRANGERS_KEYS) == body
    assert sign_document(kind, body, signing) == file


def test_golden_ledger_verifies() -> None:
    """The golden export verifies, erased payload and all, by the product and by the document's own words."""
    lines = VECTORS["ledger"].encode().splitlines(keepends=True)
    assert verify_export(lines, [VERIFY_KEY]) == Verdict(True, 3, erased={"listened": 1})

    before = bytes(32)
    for seq, line in enumerate(lines[:-1], start=1):
        entry = stranger.from_json(line[:-1])
        assert entry.keys() == {"seq", "at", "kind", "commitment", "hash", "salt", "payload"}
        if entry["payload"] is not None:
            told = bytes.fromhex(entry["salt"]) + stranger.to_json(entry["payload"])
            assert hashlib.sha256(b"asterisk-gdpr ledger payload\n" + told).hexdigest() == entry["commitment"]
        told = before + seq.to_bytes(8) + entry["at"].encode() + bytes.fromhex(entry["commitment"])
        before = hashlib.sha256(b"asterisk-gdpr ledger entry\n" + told + entry["kind"].encode()).digest()
        assert (entry["seq"], entry["hash"], len(entry["at"])) == (seq, before.hex(), 27)
    head = stranger.open_document(lines[-1], "ledger_head", STRANGERS_KEYS)
    assert (head["seq"], head["hash"]) == (3, before.hex())


@pytest.mark.parametrize(("value", "encoded"), VECTORS["canonical"])
def test_golden_json_is_canonical(value: dict[str, object], encoded: str) -> None:
    """The golden JSON has the encoding that it had."""
    assert canonical(value).hex() == encoded
    assert parse_canonical(bytes.fromhex(encoded)) == value
    assert stranger.from_json(bytes.fromhex(encoded)) == value


@pytest.mark.parametrize("encoded", VECTORS["refused_json"])
def test_golden_odd_json_is_refused(encoded: str) -> None:
    """JSON in another encoding is refused by both readers."""
    with pytest.raises(GdprError):
        parse_canonical(bytes.fromhex(encoded))
    with pytest.raises((ValueError, stranger.NotRead)):
        stranger.from_json(bytes.fromhex(encoded))


def test_golden_field_opens() -> None:
    """A golden sealed field opens in its place, for both readers, and is found by its blind index."""
    for field in VECTORS["fields"]:
        place, sealed = (field["table"], field["column"], field["row"]), bytes.fromhex(field["sealed"])

        assert PRIVATE.open(sealed, field_info(*place)) == field["text"].encode()
        opened = stranger.open_hpke(PRIVATE.to_bytes(), sealed, "asterisk-gdpr field v1", *place)
        assert opened == field["text"].encode()
    for domain, text, blind in VECTORS["blind"]:
        assert IndexKey.from_bytes(bytes.fromhex(KEYS["index"])).blind(domain, text).hex() == blind


def test_golden_keys_are_labelled() -> None:
    """Whoever finds the golden private keys reads that they protect nothing."""
    assert "for tests only" in VECTORS["label"]


def test_document_states_the_limits_of_the_code() -> None:
    """docs/format.md gives the limits, the padding and the domains that the code has."""
    text = FORMAT.read_text()

    for kind in b"HME":
        assert f"| `{chr(kind)}` 0x{kind:02x} |" in text
        assert f"| {framing.LONGEST[kind]} |" in text
    assert f"4 + {segments.MAX_SEALED}" in text
    assert f"at most {framing.MAX_GENERATIONS} `G`" in text
    assert framing.MAX_SEGMENTS == 2**20
    assert f"1 to {framing.MAX_FRAMES}" in text
    assert f"1 to {framing.MAX_RATE}" in text
    usual = segments.flac_length(40_000)
    steps = [segments.padded_length(usual, size) for size in (0, 98_304, 147_456)]
    assert f"that is {steps[0]} bytes, then {steps[1]}, {steps[2]}" in text
    assert f"{segments.opus_length(40_000, 8000)} bytes" in text
    for codec, version in framing.VERSIONS.items():
        assert f'| {version} | `"{codec}"` |' in text
    for name in CONTAINERS:
        assert f"`{name}`" in text
