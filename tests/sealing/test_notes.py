"""The notes beside the legs: what a manifest is made from."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.core.times import from_text
from asterisk_gdpr.errors import Damaged
from asterisk_gdpr.service.sealing.notes import TOLERANCE, VERSION, Notes
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


OLDER = {
    "first": {
        "call": "c1",
        "rate": 8000,
        "points": [[0, "2026-11-23T12:00:00.000000Z"]],
        "parties": [],
        "gaps": [],
    },
    "with a tolerance": {"tolerance_ms": 700},
    "with marks": {
        "seen": [1, 4096],
        "silenced": [[1, 0, 960]],
        "withdrawn": [[["quality"], "withdrawn", 0.0]],
    },
}
"""What earlier releases wrote beside the legs, each all of those before it; none of them wrote a version."""


def as_written(until: str, *, muted: bool) -> bytes:
    """Notes of a talk as an earlier release kept them."""
    changes = [["2026-11-23T12:00:00.000000Z", muted, "paused" if muted else "parties"]]
    kept: dict[str, object] = {"stretches": [{"number": 1, "started_at": changes[0][0], "ended_at": None}]}
    kept["stretches"][0]["changes"] = changes  # type: ignore[index]
    for name, more in OLDER.items():
        kept |= more
        if name == until:
            break
    return json.dumps(kept).encode()


@pytest.mark.parametrize("release", OLDER)
def test_notes_of_an_older_release_are_read(release: str) -> None:
    """After an upgrade a talk is where it was: its map of time, its pause; they are kept in the new way."""
    notes = Notes.from_bytes(as_written(release, muted=True))

    assert notes.paused_since == "2026-11-23T12:00:00.000000Z" and not notes.unknown
    assert notes.time_of(8000) == NOON + timedelta(seconds=1)
    assert notes.tolerance_ms == (500 if release == "first" else 700)
    assert notes.withdrawn == ([[["quality"], "withdrawn", 0.0]] if release == "with marks" else [])
    assert Notes.from_bytes(notes.to_bytes()) == notes
    assert json.loads(notes.to_bytes())["version"] == VERSION


def test_what_an_older_release_did_not_note_is_taken_for_the_worst() -> None:
    """A release that did not note who watched leaves an open capture behind: all of it is in doubt."""
    assert Notes.from_bytes(as_written("with a tolerance", muted=False)).limit(1) == 0
    assert Notes.from_bytes(as_written("with a tolerance", muted=True)).limit(1) is None
    assert Notes.from_bytes(as_written("with marks", muted=False)).limit(1) == 4096


def test_notes_of_a_newer_release_are_not_read() -> None:
    """Whoever goes back to an older release does not have the notes half understood."""
    notes = Notes("c1", RATE)
    notes.version = VERSION + 1
    with pytest.raises(Damaged, match="newer"):
        Notes.from_bytes(notes.to_bytes())


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
