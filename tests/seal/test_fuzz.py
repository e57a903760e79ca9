"""Whatever bytes a reader is given, it refuses them by name and never breaks."""

from __future__ import annotations

import contextlib
import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.seal.evidence import verify_document
from asterisk_gdpr.seal.framing import FRAME_HEAD, MAGIC
from asterisk_gdpr.seal.passphrase import key_id_of
from asterisk_gdpr.seal.reader import scan, verify
from tests.seal.samples import KEYS, reading, sample

WHOLE = sample("r1", (2, 1)).data
SHORT = sample("r1", (0,)).data
QUICK = settings(max_examples=40, deadline=None)


@QUICK
@given(data=st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    """Random bytes are never a container, a document or a key file."""
    for raw in (data, MAGIC + data):
        with pytest.raises(GdprError):
            verify(reading(raw), len(raw), KEYS)
    with pytest.raises(GdprError):
        verify_document("ledger_head", data, KEYS)
    with pytest.raises(GdprError):
        key_id_of(data)


@QUICK
@given(frames=st.lists(st.tuples(st.sampled_from(b"HGSMEx"), st.binary(max_size=12)), max_size=6))
def test_random_frames_are_refused(frames: list[tuple[int, bytes]]) -> None:
    """Frames of any types with any bodies are never a container."""
    data = MAGIC + b"".join(FRAME_HEAD.pack(type, len(body)) + body for type, body in frames)

    with pytest.raises(GdprError):
        scan(reading(data), len(data))


@QUICK
@given(
    place=st.integers(0, len(WHOLE) - 1),
    removed=st.integers(0, 40),
    added=st.binary(max_size=40),
)
def test_mutated_containers_never_verify(place: int, removed: int, added: bytes) -> None:
    """A container in which any bytes were replaced, added or removed never verifies, and never breaks."""
    mutated = WHOLE[:place] + added + WHOLE[place + removed :]
    if mutated == WHOLE:
        return

    with pytest.raises(GdprError):
        verify(reading(mutated), len(mutated), KEYS)
    with contextlib.suppress(GdprError):
        scan(reading(mutated), len(mutated))


@pytest.mark.slow
def test_a_million_mutations_are_refused() -> None:
    """A million changed containers are each refused by name, and none makes a reader take much memory."""
    chance = random.Random(20261123)  # the same million each time
    tracemalloc.start()
    for _ in range(1_000_000):
        data = bytearray(WHOLE if chance.random() < 0.02 else SHORT)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[place] ^= 1 << chance.randrange(8)
                case 1:
                    del data[place : place + chance.randint(1, 9)]
                case 2:
                    data[place:place] = chance.randbytes(chance.randint(1, 9))
                case _:
                    data[place : place + 4] = b"\xff\xff\xff\xff"
            if not data:
                break
        raw = bytes(data)
        if raw in (WHOLE, SHORT):
            continue
        with pytest.raises(GdprError):
            verify(reading(raw), len(raw), KEYS)
        with contextlib.suppress(GdprError):
            scan(reading(raw), len(raw))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 * 1024 * 1024
