"""One sealed segment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.cobblestone import Cobblestone256Encryptor

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.errors import CannotOpen
from asterisk_gdpr.seal.keys import new_data_key
from asterisk_gdpr.seal.segments import (
    MAX_SEALED,
    SegmentContext,
    flac_length,
    open_manifest,
    open_segment,
    padded_length,
    seal_manifest,
    seal_segment,
)

KEY = new_data_key()
PLACE = SegmentContext("r1", generation=1, index=3, start_frame=120_000, frames=40_000)


def test_segment_comes_back() -> None:
    """What was sealed opens to the same bytes, also when it is empty."""
    for payload in (b"", b"fLaC" * 1000, b"\0\0"):
        assert open_segment(KEY, PLACE, seal_segment(KEY, PLACE, payload)) == payload


def test_no_two_sealings_are_equal() -> None:
    """The same silence sealed twice shows no likeness."""
    assert seal_segment(KEY, PLACE, b"x") != seal_segment(KEY, PLACE, b"x")


@pytest.mark.parametrize(
    "change",
    [{"recording": "r2"}, {"generation": 2}, {"index": 4}, {"start_frame": 0}, {"frames": 39_999}],
)
def test_segment_opens_in_its_place_only(change: dict[str, int]) -> None:
    """A segment that is moved to another recording, generation, index or time does not open."""
    with pytest.raises(CannotOpen):
        open_segment(KEY, replace(PLACE, **change), seal_segment(KEY, PLACE, b"x"))  # type: ignore[arg-type]  # the values fit their fields


def test_wrong_key_opens_nothing() -> None:
    """Without the data key nothing opens."""
    with pytest.raises(CannotOpen, match="segment 3"):
        open_segment(new_data_key(), PLACE, seal_segment(KEY, PLACE, b"x"))


def test_damaged_segment_gives_nothing() -> None:
    """A segment with a flipped bit or a missing end gives nothing at all, not even its good part."""
    sealed = seal_segment(KEY, PLACE, bytes(60_000))
    for place in (0, 24, 56, 30_000, len(sealed) - 1):
        flipped = bytearray(sealed)
        flipped[place] ^= 1
        with pytest.raises(CannotOpen):
            open_segment(KEY, PLACE, bytes(flipped))
    for length in (0, 55, 56, 56 + 16384 + 16, len(sealed) - 1):
        with pytest.raises(CannotOpen):
            open_segment(KEY, PLACE, sealed[:length])


def test_length_tells_nothing_about_speech() -> None:
    """Silence, one voice, two voices and line noise of the same seconds have the same length when sealed."""
    lengths = {len(seal_segment(KEY, PLACE, bytes(size))) for size in (0, 230, 41_800, 79_800, 90_000)}

    assert len(lengths) == 1


def test_length_grows_in_steps() -> None:
    """Audio that is too loud for the floor takes steps of half as much again, in whole pages."""
    usual = flac_length(40_000)
    assert [padded_length(usual, size) for size in (98_300, 98_301, 147_452, 147_453)] == [
        98_304,
        147_456,
        147_456,
        221_184,
    ]
    assert {flac_length(frames) % 4096 for frames in range(1, 50_000, 777)} == {0}


def test_segment_has_a_limit() -> None:
    """A segment that would be longer than the format allows is not written."""
    assert len(seal_segment(KEY, PLACE, bytes(3_000_000))) <= MAX_SEALED
    with pytest.raises(Misuse):
        seal_segment(KEY, PLACE, bytes(MAX_SEALED))


def test_wrong_padding_is_refused() -> None:
    """What stands behind the payload must be zeroes, and the payload must fit."""
    for plain in (b"", b"\0\0\0", b"\0\0\0\x01ab", b"\0\0\0\x02a"):
        sealed = _seal_plain(plain)
        with pytest.raises(CannotOpen):
            open_segment(KEY, PLACE, sealed)


def test_manifest_is_no_segment() -> None:
    """A manifest opens as a manifest of its recording and generation only."""
    sealed = seal_manifest(KEY, "r1", 1, b"{}")

    assert open_manifest(KEY, "r1", 1, sealed) == b"{}"
    for recording, generation in (("r2", 1), ("r1", 2)):
        with pytest.raises(CannotOpen):
            open_manifest(KEY, recording, generation, sealed)
    with pytest.raises(CannotOpen):
        open_segment(KEY, PLACE, sealed)


def _seal_plain(plain: bytes) -> bytes:
    encryptor = Cobblestone256Encryptor(KEY, PLACE.to_bytes())
    return encryptor.update(plain) + encryptor.finalize()
