"""Writing a container and reading it again: nothing in it can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from asterisk_gdpr.errors import GdprError, Misuse
from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.seal.errors import CannotOpen, DamagedContainer, UnknownKey, UnknownVersion
from asterisk_gdpr.seal.framing import END, FRAME_HEAD, GENERATION, HEADER, MANIFEST, SEGMENT, frame
from asterisk_gdpr.seal.keys import new_data_key
from asterisk_gdpr.seal.layout import ManifestPlace, Place
from asterisk_gdpr.seal.reader import (
    Committed,
    compare_manifest,
    open_manifest,
    open_segment_at,
    scan,
    verify,
)
from asterisk_gdpr.seal.signing import SigningKey
from tests.seal.samples import ENDED, KEYS, RATE, SIGNING, STARTED, Sample, manifest, reading, sample

SMALL = sample("r1", (1,))
LONG = sample("r2", (2, 0, 3))
HEAD = Header("r1", STARTED, RATE, "0123456789abcdef")


def frames_of(data: bytes) -> list[bytes]:
    """The frames of a container, cut apart at their heads; the magic stands before the first."""
    frames, offset = [], 16
    while offset < len(data):
        end = offset + FRAME_HEAD.size + FRAME_HEAD.unpack_from(data, offset)[1]
        frames.append(data[offset:end])
        offset = end
    return frames


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


def flips(data: bytes, at: Iterable[int]) -> Iterator[bytes]:
    """The data with one bit flipped at each of these places, not always the same one."""
    flipped = bytearray(data)
    for place in at:
        flipped[place] ^= 1 << place % 8
        yield bytes(flipped)
        flipped[place] ^= 1 << place % 8


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
        raise DamagedContainer("a manifest with nothing in it is found by its missing end", len(data))


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
    newer = SMALL.data[:15] + b"\x02" + SMALL.data[16:]

    with pytest.raises(UnknownVersion, match="2"):
        scan(reading(newer), len(newer))


def test_cut_container_is_proven_by_what_was_committed() -> None:
    """A container that a crash cut is proven up to the committed place, and says that it is not complete."""
    _, writer = Writer.start(HEAD)
    data, writer = Writer.start(HEAD)
    step, writer = writer.begin_generation(1, SMALL.data_keys[1])
    data += step
    step, writer, entry = writer.segment(1000, b"sound")
    data += step
    committed = Committed(writer.size, writer.chain)
    torn = data + step[:100]

    verdict = verify(reading(torn), len(torn), [], committed=committed)
    assert (verdict.complete, verdict.size, verdict.segments) == (False, len(data), (entry,))
    found = scan(reading(torn), committed.size)
    assert open_segment_at(reading(torn), found, found.segments[0], SMALL.data_keys[1]) == b"sound"
    with pytest.raises(DamagedContainer, match="cut before its manifest"):
        open_manifest(reading(torn), found, SMALL.data_keys[1])

    with pytest.raises(DamagedContainer):
        verify(reading(torn), len(torn), KEYS)
    with pytest.raises(DamagedContainer):
        verify(reading(data), len(data) - 1, KEYS, committed=committed)
    for flipped in flips(data, range(0, len(data), 97)):
        with pytest.raises(GdprError):
            verify(reading(flipped), len(flipped), KEYS, committed=committed)


def test_restarted_sealer_goes_on() -> None:
    """From what was committed a new sealer goes on under a new generation, and the whole verifies."""
    stump = sample("r1", (2,))
    size = stump.cuts[-1]
    chain = _chain(stump.data[:size])
    entries = list(verify(stump.read, size, [], committed=Committed(size, chain)).segments)

    writer = Writer.resume("r1", size=size, chain=chain, segments=2, generation=1, frames=2000)
    with pytest.raises(Misuse, match="generation"):
        writer.segment(1000, b"late")
    data_key = new_data_key()
    data = stump.data[:size]
    step, writer = writer.begin_generation(4, data_key)
    data += step
    step, writer, entry = writer.segment(500, b"late")
    data += step
    step, writer = writer.finish(manifest("r1", [*entries, entry]), SIGNING, ENDED)
    data += step

    assert writer.size == len(data)
    verdict = verify(reading(data), len(data), KEYS)
    found = scan(reading(data), len(data))
    assert found.generations == (1, 4)
    assert open_segment_at(reading(data), found, found.segments[2], data_key) == b"late"
    compare_manifest(verdict, open_manifest(reading(data), found, data_key))


def test_a_step_that_failed_is_taken_again() -> None:
    """A writer whose bytes were never appended stands where it stood."""
    data, writer = Writer.start(HEAD)
    step, writer = writer.begin_generation(1, new_data_key())
    data += step
    writer.segment(1000, b"lost on a full disk")
    step, after, entry = writer.segment(1000, b"sound")
    data += step

    assert (entry["index"], entry["start_frame"], after.size) == (0, 0, len(data))
    verify(reading(data), len(data), [], committed=Committed(after.size, after.chain))


def test_manifest_must_describe_its_container() -> None:
    """A manifest that lists other segments than the container holds is found."""
    verdict = verify(SMALL.read, len(SMALL.data), KEYS)
    entry = SMALL.manifest["segments"][0]

    for wrong in (
        manifest("r1", []),
        manifest("r1", [entry | {"sha256": "00" * 32}]),
        manifest("r5", [entry]),
    ):
        with pytest.raises(DamagedContainer):
            compare_manifest(verdict, wrong)


def test_writer_refuses_what_no_reader_would_accept() -> None:
    """A writer never writes what a strict reader refuses."""
    _, begun = Writer.start(HEAD)
    _, ready = begun.begin_generation(2, new_data_key())
    _, _, entry = ready.segment(10, b"x")

    with pytest.raises(Misuse):
        Writer.start(Header("../r1", STARTED, RATE, "0123456789abcdef"))
    with pytest.raises(Misuse):
        Writer.start(Header("r1", "yesterday", RATE, "0123456789abcdef"))
    for number in (0, 1, 2, 2**32):
        with pytest.raises(Misuse):
            ready.begin_generation(number, new_data_key())
    for frames in (0, -1, 2**20 + 1):
        with pytest.raises(Misuse):
            ready.segment(frames, b"x")
    with pytest.raises(Misuse):
        ready.finish(manifest("r1", [entry]), SIGNING, ENDED)
    with pytest.raises(Misuse):
        ready.finish(manifest("r2", []), SIGNING, ENDED)
    with pytest.raises(Misuse):
        ready.finish(manifest("r1", []), SIGNING, "now")
    with pytest.raises(Misuse):
        begun.finish(manifest("r1", []), SIGNING, ENDED)


def test_nothing_follows_the_end() -> None:
    """A closed container takes nothing more, and its writer holds no key."""
    with pytest.raises(Misuse, match="closed"):
        SMALL.writer.begin_generation(9, new_data_key())
    with pytest.raises(Misuse):
        SMALL.writer.segment(10, b"x")


def test_writer_shows_no_key() -> None:
    """A writer that is printed by mistake does not show its data key."""
    _, writer = Writer.start(HEAD)
    _, writer = writer.begin_generation(1, b"secret secret secret secret secr")

    assert "secret" not in repr(writer)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["version"], 2),
        (["recording"], ""),
        (["rate"], True),
        (["channels", "left"], "agent"),
        (["segments", 0, "index"], 1),
        (["segments", 0, "frames"], 999),
        (["time_map", "points"], [[5, STARTED], [5, ENDED]]),
        (["time_map", "points"], [[5]]),
        (["notice", "parts", 0, "heard"], 1),
        (["choice", "keys", 0, "digit"], "12"),
        (["parties"], {}),
        (["parties", 0, "from_frame"], -1),
        (["captures", 0], None),
        (["ended_at"], "2026-11-23 10:00"),
    ],
)
def test_wrong_manifest_is_named(path: list[str | int], value: object) -> None:
    """A manifest with a wrong field is refused, and the field is named."""
    wrong = json.loads(canonical(SMALL.manifest))
    inner = wrong
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    _, writer = Writer.start(HEAD)

    with pytest.raises(Misuse, match=str(path[0])):
        writer.finish(wrong, SIGNING, ENDED)


def test_manifest_may_say_more() -> None:
    """A field that a later writer adds to the manifest does not make it unreadable."""
    data, writer = Writer.start(HEAD)
    data_key = new_data_key()
    step, writer = writer.begin_generation(1, data_key)
    data += step
    more: Any = manifest("r1", []) | {"weather": "fine"}
    step, writer = writer.finish(more, SIGNING, ENDED)
    data += step

    assert open_manifest(reading(data), scan(reading(data), len(data)), data_key) == more


def _chain(data: bytes) -> bytes:
    """The chain as docs/format.md defines it, computed without the code under test."""
    frames = frames_of(data)
    chain = hashlib.sha256(b"asterisk-gdpr chain v1\0" + data[:16] + frames[0]).digest()
    for following in frames[1:]:
        chain = hashlib.sha256(chain + following).digest()
    return chain
