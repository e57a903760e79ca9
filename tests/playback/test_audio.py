"""The audio of a segment: what comes out is what went in."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.errors import Damaged, Misuse
from asterisk_gdpr.service.sealing import audio

_samples = st.lists(st.integers(-32768, 32767), min_size=1, max_size=400)


def _leg(samples: list[int]) -> bytes:
    return b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)


@settings(max_examples=30, deadline=None)
@given(_samples, st.sampled_from([8000, 16000]))
def test_not_one_bit_is_lost(samples: list[int], rate: int) -> None:
    """What is decoded is what was encoded, left in the left channel and right in the right."""
    left, right = _leg(samples), _leg(samples[::-1])

    frames, found = audio.decode(audio.encode(left, right, rate))

    assert found == rate
    assert frames == b"".join(left[i : i + 2] + right[i : i + 2] for i in range(0, len(left), 2))


@pytest.mark.parametrize(("left", "right"), [(b"", b""), (b"\0\0", b"\0\0\0\0"), (b"\0\0\0", b"\0\0\0")])
def test_legs_that_do_not_match_are_not_guessed_at(left: bytes, right: bytes) -> None:
    """Legs that are empty, unequal, or end within a sample are a misuse, never padded."""
    with pytest.raises(Misuse):
        audio.encode(left, right, 8000)


@pytest.mark.parametrize("claimed", [2**20 + 1, 2**28, 2**36 - 1])
def test_a_length_that_no_segment_has_is_not_believed(claimed: int) -> None:
    """A stream that says it holds hours takes no memory for them: it is damage before anything is read."""
    flac = bytearray(audio.encode(bytes(2000), bytes(2000), 8000))
    flac[21:26] = (flac[21] & 0xF0 | claimed >> 32).to_bytes(1) + (claimed & 0xFFFFFFFF).to_bytes(4)

    tracemalloc.start()
    with pytest.raises(Damaged, match="longer"):
        audio.decode(bytes(flac))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1024 * 1024


@pytest.mark.parametrize("flac", [b"", b"fLaC", b"RIFF\x24\0\0\0WAVEfmt "])
def test_what_is_no_flac_is_damage(flac: bytes) -> None:
    """Bytes that are no FLAC stream are called damaged."""
    with pytest.raises(Damaged):
        audio.decode(flac)
