"""Whatever bytes a reader is given, it refuses them by name and never breaks."""

from __future__ import annotations

import contextlib
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.seal.evidence import verify_document
from asterisk_gdpr.seal.framing import FRAME_HEAD, MAGIC
from asterisk_gdpr.seal.passphrase import key_id_of
from asterisk_gdpr.seal.reader import scan, verify
from tests.seal.fuzz import fuzz, targets, task
from tests.seal.samples import KEYS, reading, sample

WHOLE = sample("r1", (2, 1)).data
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


def test_what_any_reader_takes_is_refused_by_name() -> None:
    """Changed bytes of everything that is read, containers of Opus too, are refused by name or harmless."""
    report = task(20261125, 400)

    assert report.wrong == []
    assert set(report.refused) == set(targets())


@pytest.mark.slow
def test_a_million_mutations_are_refused() -> None:
    """A million changed inputs of all readers are each refused by name or harmless, in little memory."""
    report = fuzz(1_000_000, os.cpu_count() or 1, seed=20261123)

    assert report.wrong == []
    assert report.refused.total() + report.taken.total() == 1_000_000
    assert report.refused.total() > 900_000
