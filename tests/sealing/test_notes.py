"""The notes beside the legs: what a manifest is made from."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.core.times import from_text
from asterisk_gdpr.errors import Damaged
from asterisk_gdpr.service.notes import TOLERANCE, Notes
from tests.sealing.stage import NOON

RATE = 8000
BLOCK = 16_384
"""Frames that Asterisk writes at once."""
QUICK = settings(max_examples=60, deadline=None)


def test_notes_come_back() -> None:
    """What is kept beside the legs is read back as it was."""
    notes = Notes("c1", RATE)
    notes.begin_stretch(1, NOON)
    notes.change(NOON, muted=False, reason="parties")
    notes.grown(BLOCK, NOON)
    notes.lost(BLOCK, NOON + timedelta(seconds=3))
    notes.parties.append({"role": "agent", "cleared": True, "why": "consented"})

    assert Notes.from_bytes(notes.to_bytes()) == notes


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"call": "c1"}', b"\xff"])
def test_broken_notes(data: bytes) -> None:
    """Notes that are not what was written are damaged, and never half believed."""
    with pytest.raises(Damaged):
        Notes.from_bytes(data)


def test_legs_that_are_seen_late() -> None:
    """The map begins at frame 0 even when much was there at the first look."""
    notes = Notes("c1", RATE)
    notes.grown(10 * RATE, NOON)

    assert notes.points[0][0] == 0
    assert notes.time_of(0) == NOON - timedelta(seconds=10)
    assert notes.time_of(10 * RATE) == NOON


def test_a_steady_talk_needs_one_point() -> None:
    """Blocks that come as fast as they are spoken add nothing to the map."""
    notes = Notes("c1", RATE)
    told = [notes.grown(n * BLOCK, NOON + timedelta(seconds=n * BLOCK / RATE)) for n in range(1, 1000)]

    assert told.count(True) == 1


@given(st.lists(st.floats(0, 20), max_size=40))
@QUICK
def test_the_map_rises_and_knows_when_a_block_came(pauses: list[float]) -> None:
    """However the talk pauses, points rise by frame, and each block's end is where it was seen."""
    notes, at = Notes("c1", RATE), NOON
    for number, pause in enumerate(pauses, start=1):
        at += timedelta(seconds=BLOCK / RATE + pause)
        notes.grown(number * BLOCK, at)
        known = notes.time_of(number * BLOCK)
        assert known is not None and abs(known - at) <= TOLERANCE

    frames = [frame for frame, _ in notes.points]
    assert frames[:1] in ([], [0])
    assert all(earlier < later for earlier, later in pairwise(frames))
    assert all(from_text(at) for _, at in notes.points)
