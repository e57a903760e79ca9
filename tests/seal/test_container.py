"""Writing a container and reading it again: nothing in it can be changed unseen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.errors import CannotOpen, DamagedContainer, UnknownKey, UnknownVersion
from asterisk_gdpr.seal.framing import END, FRAME_HEAD, GENERATION, HEADER, MANIFEST, SEGMENT, frame
from asterisk_gdpr.seal.layout import ManifestPlace, Place
from asterisk_gdpr.seal.reader import (
    compare_manifest,
    open_manifest,
    open_segment_at,
    scan,
    verify,
)
from asterisk_gdpr.seal.signing import SigningKey
from tests.seal.samples import KEYS, STARTED, Sample, flips, frames_of, reading, sample

SMALL = sample("r1", (1,))
LONG = sample("r2", (2, 0, 3))


def joined(frames: list[bytes]) -> bytes:
    """A container of these frames."""
    return SMALL.data[:16] + b"".join(frames)


def places(wanted: Sample) -> list[int]:
    """Every byte of a container, but of the sealed ones, which are all alike, every fifth."""
    found = scan(wanted.read, len(wanted.data))
    assert found.manifest is not None
    bodies: list[Place | ManifestPlace] = [*found.segments, found.manifest]
    skipped = {
        place
        for body in bodies
        for place in range(body.offset + 64, body.offset + body.length - 64)
        if place % 5
    }
    return [place for place in range(len(wanted.data)) if place not in skipped]


def test_container_verifies_with_public_keys() -> None:
    """A closed container is proven whole by the public key alone, and says what is in it."""
    for wanted in (SMALL, LONG, sample("r3", (0,))):
        verdict = verify(wanted.read, len(wanted.data), KEYS)

        assert verdict.complete
        assert verdict.header.recording == wanted.manifest["recording"]
        assert list(verdict.segments) == wanted.manifest["segments"]
        assert verdict.end is not None
        assert verdict.end.signing_key_id == KEYS[0].id
        compare_manifest(verdict, wanted.manifest)


def test_container_opens_with_its_data_keys() -> None:
    """Each segment and the manifest open with the data key of their generation, in any order."""
    found = scan(LONG.read, len(LONG.data))

    assert found.generations == (1, 2, 3)
    assert [place.start_frame for place in found.segments] == [0, 1000, 2000, 3000, 4000]
    for place in reversed(found.segments):
        opened = open_segment_at(LONG.read, found, place, LONG.data_keys[place.generation])
        assert opened == LONG.payloads[place.index]
    assert found.manifest is not None
    assert open_manifest(LONG.read, found, LONG.data_keys[found.manifest.generation]) == LONG.manifest


def test_an_opus_container_is_another_version() -> None:
    """It verifies and opens like any other, and its version tells a reader that knows FLAC alone."""
    opus = sample("r5", (1, 1), "opus")
    verdict = verify(opus.read, len(opus.data), KEYS)

    assert (opus.data[14:16], SMALL.data[14:16]) == (b"\0\2", b"\0\1")
    assert verdict.header.codec == "opus"
    compare_manifest(verdict, opus.manifest)
    with pytest.raises(DamagedContainer, match="codec"):
        compare_manifest(verdict, {k: v for k, v in opus.manifest.items() if k != "codec"})  # type: ignore[arg-type]


@pytest.mark.parametrize("codec", ["flac", "opus"])
def test_a_version_and_a_codec_that_do_not_fit_are_damage(codec: str) -> None:
    """A container that says one thing in its magic and another in its header is none."""
    data = bytearray(sample("r5", (1,), codec).data)
    data[15] ^= 3

    with pytest.raises(DamagedContainer, match="codec"):
        scan(reading(bytes(data)), len(data))


def test_older_generation_opens_no_newer_one() -> None:
    """The data key of one generation opens nothing of another."""
    found = scan(LONG.read, len(LONG.data))

    with pytest.raises(CannotOpen):
        open_segment_at(LONG.read, found, found.segments[-1], LONG.data_keys[1])
    with pytest.raises(CannotOpen):
        open_manifest(LONG.read, found, LONG.data_keys[1])


def test_every_flipped_bit_is_found() -> None:
    """One flipped bit anywhere in a container is found by verify."""
    for flipped in flips(SMALL.data, places(SMALL)):
        with pytest.raises((DamagedContainer, UnknownVersion, UnknownKey)):
            verify(reading(flipped), len(flipped), KEYS)


def test_every_cut_is_found() -> None:
    """A container cut at any byte never passes as whole, and is read as a stump between two frames only."""
    accepted = []
    for length in sorted({*places(SMALL), *SMALL.cuts}):
        try:
            found = scan(SMALL.read, length)
        except DamagedContainer:
            continue
        assert found.end is None
        accepted.append(length)
        with pytest.raises(DamagedContainer, match="no end"):
            verify(SMALL.read, length, KEYS)

    assert accepted == SMALL.cuts


def test_a_reader_that_gives_less_is_damage() -> None:
    """Bytes that vanish while the container is read are damage, not an endless loop."""
    with pytest.raises(DamagedContainer, match="too early"):
        verify(reading(SMALL.data[:200]), len(SMALL.data), KEYS)


@pytest.mark.parametrize(
    "order",
    [
        [0, 1, 3, 2, 4, 5, 6, 7, 8, 9],
        [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9],
        [0, 1, 2, 4, 5, 6, 7, 8, 9],
        [0, 1, 2, 3, 5, 6, 7, 8, 9],
        [0, 1, 2, 3, 4, 5, 6, 7, 9, 8],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2],
        [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 5, 6, 7, 8, 9],
        [0, 2, 3, 4, 5, 6, 7, 8, 9],
        [0, 1, 2, 3, 4, 5, 6, 7, 8],
        [0, 1, 2, 3, 4, 5, 6, 7, 9],
        [],
    ],
    ids=str,
)
def test_moved_frames_are_found(order: list[int]) -> None:
    """Frames that were swapped, repeated, dropped or added are found."""
    frames = frames_of(LONG.data)
    moved = joined([frames[i] for i in order])

    with pytest.raises(DamagedContainer):
        verify(reading(moved), len(moved), KEYS)


def test_foreign_segment_is_found() -> None:
    """A segment out of another recording is found by verify, and does not open."""
    other = sample("r9", (1,))
    mixed = frames_of(SMALL.data)
    mixed[2] = frames_of(other.data)[2]
    data = joined(mixed)

    with pytest.raises(DamagedContainer):
        verify(reading(data), len(data), KEYS)
    found = scan(reading(data), len(data))
    for data_key in (SMALL.data_keys[1], other.data_keys[1]):
        with pytest.raises(CannotOpen):
            open_segment_at(reading(data), found, found.segments[0], data_key)


def test_a_rebuilt_container_needs_the_signing_key() -> None:
    """Whoever rewrites a container without the signing key cannot make it pass."""
    theirs = sample("r1", (1,))
    frames = frames_of(theirs.data)
    end: dict[str, Any] = json.loads(frames[-1][FRAME_HEAD.size :])
    thief = SigningKey.generate()

    with pytest.raises(UnknownKey):
        verify(theirs.read, len(theirs.data), [thief.verify_key])
    for change in ({"ended_at": STARTED}, {"signature": "00" * 64}):
        forged = joined([*frames[:-1], frame(END, canonical(end | change))])
        with pytest.raises(DamagedContainer, match="signature"):
            verify(reading(forged), len(forged), KEYS)


@pytest.mark.parametrize(
    "change", [{"segments": 2}, {"frames": 1}, {"generation": 2}, {"recording": "r7"}, {"chain": "0" * 64}]
)
def test_an_end_that_lies_is_found(change: dict[str, object]) -> None:
    """An end that counts other things than the container holds is found before its signature is."""
    frames = frames_of(SMALL.data)
    end: dict[str, Any] = json.loads(frames[-1][FRAME_HEAD.size :])
    lying = joined([*frames[:-1], frame(END, canonical(end | change))])

    with pytest.raises(DamagedContainer):
        verify(reading(lying), len(lying), KEYS)


@pytest.mark.parametrize(
    ("type", "body"),
    [
        (HEADER, b"{}"),
        (HEADER, b'{"recording": "r1"}'),
        (GENERATION, b"\0\0\0\0"),
        (GENERATION, b"\0\0\0\1"),
        (GENERATION, b"\0\0\2"),
        (SEGMENT, b"\0\0\3\xe8"),
        (SEGMENT, b"\0\0\0\0sealed"),
        (SEGMENT, b"\0\x10\0\1sealed"),
        (SEGMENT, b""),
        (MANIFEST, b""),
        (END, b"{}"),
    ],
)
def test_malformed_frames_are_damage(type: int, body: bytes) -> None:
    """A frame with a body that its type does not allow is damage, wherever it stands."""
    beginning = SMALL.data[:16] if type == HEADER else SMALL.data[: SMALL.cuts[1]]
    data = beginning + frame(type, body)

    with pytest.raises(DamagedContainer):
        scan(reading(data), len(data))


def test_length_is_believed_by_its_limit_only() -> None:
    """A frame that claims more than its type allows is refused before anything of it is read."""
    asked = []

    def read(offset: int, length: int) -> bytes:
        asked.append(length)
        return data[offset : offset + length]

    for type in b"HGSMEx":
        data = SMALL.data[: SMALL.cuts[1]] + FRAME_HEAD.pack(type, 2**32 - 1)
        with pytest.raises(DamagedContainer):
            scan(read, 2**40)
    assert max(asked) < 1000


def test_newer_version_is_called_that() -> None:
    """A container of a newer version is not called damaged."""
    newer = SMALL.data[:15] + b"\x03" + SMALL.data[16:]

    with pytest.raises(UnknownVersion, match="3"):
        scan(reading(newer), len(newer))
