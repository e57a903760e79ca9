"""Writing a container step by step: crashes, restarts, and what a writer refuses."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from asterisk_gdpr.errors import GdprError, Misuse
from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.seal.errors import DamagedContainer
from asterisk_gdpr.seal.keys import new_data_key
from asterisk_gdpr.seal.reader import (
    Committed,
    compare_manifest,
    open_manifest,
    open_segment_at,
    scan,
    verify,
)
from tests.seal.samples import (
    ENDED,
    KEYS,
    RATE,
    SIGNING,
    STARTED,
    flips,
    frames_of,
    manifest,
    reading,
    sample,
)

SMALL = sample("r1", (1,))
HEAD = Header("r1", STARTED, RATE, "0123456789abcdef")


def test_cut_container_is_proven_by_what_was_committed() -> None:
    """A container that a crash cut is proven up to the committed place, and says that it is not complete."""
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
