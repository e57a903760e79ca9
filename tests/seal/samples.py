"""A small recording to try things on: real keys, made-up sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.seal.framing import FRAME_HEAD
from asterisk_gdpr.seal.keys import new_data_key
from asterisk_gdpr.seal.layout import Read
from asterisk_gdpr.seal.manifest import CHANNELS, Manifest, SegmentEntry
from asterisk_gdpr.seal.signing import SigningKey

SIGNING = SigningKey.generate()
KEYS = [SIGNING.verify_key]
RATE = 8000
STARTED, ENDED = "2026-11-23T10:00:00Z", "2026-11-23T10:00:02.500Z"


@dataclass(frozen=True)
class Sample:
    """A closed container with the data key of each generation, and where its frames begin."""

    data: bytes
    writer: Writer
    data_keys: dict[int, bytes]
    payloads: list[bytes]
    manifest: Manifest
    cuts: list[int]

    @property
    def read(self) -> Read:
        return reading(self.data)


def reading(data: bytes) -> Read:
    """A reader of bytes in memory."""
    return lambda offset, length: data[offset : offset + length]


def manifest(recording: str, entries: list[SegmentEntry]) -> Manifest:
    """A manifest that says something in every field."""
    return Manifest(
        version=1,
        recording=recording,
        call="c2",
        node="pbx-1",
        line="sales",
        policy="5f6c",
        started_at=STARTED,
        ended_at=ENDED,
        rate=RATE,
        frames=sum(entry["frames"] for entry in entries),
        channels=CHANNELS,
        segments=entries,
        time_map={"tolerance_ms": 40, "points": [[0, STARTED]]},
        notice={"language": "de", "parts": [{"id": "statement", "sha256": "ab" * 32, "heard": True}]},
        choice={"outcome": "agreed", "at": STARTED, "keys": [{"digit": "1", "at": STARTED}]},
        parties=[{"role": "agent", "cleared": True, "why": "consented", "from_frame": 0}],
        purposes=["quality"],
        captures=[
            {
                "stretch": 1,
                "started_at": STARTED,
                "ended_at": ENDED,
                "changes": [{"at": STARTED, "muted": False, "reason": "cleared"}],
            }
        ],
        gaps=[],
    )


def sample(recording: str = "r1", plan: tuple[int, ...] = (1,), codec: str = "flac") -> Sample:
    """Write a container; `plan` holds the number of segments of each generation."""
    data, writer = Writer.start(Header(recording, STARTED, RATE, "0123456789abcdef", codec=codec))
    cuts = [len(data)]
    data_keys: dict[int, bytes] = {}
    payloads: list[bytes] = []
    entries: list[SegmentEntry] = []
    for number, segments in enumerate(plan, start=1):
        data_keys[number] = new_data_key()
        step, writer = writer.begin_generation(number, data_keys[number])
        data += step
        cuts.append(len(data))
        for _ in range(segments):
            payloads.append(f"sound {len(payloads)}".encode())
            step, writer, entry = writer.segment(1000, payloads[-1])
            data += step
            cuts.append(len(data))
            entries.append(entry)
    described = manifest(recording, entries)
    if codec != "flac":
        described["codec"] = codec
    step, writer = writer.finish(described, SIGNING, ENDED)
    return Sample(data + step, writer, data_keys, payloads, described, cuts)


def frames_of(data: bytes) -> list[bytes]:
    """The frames of a container, cut apart at their heads; the magic stands before the first."""
    frames, offset = [], 16
    while offset < len(data):
        end = offset + FRAME_HEAD.size + FRAME_HEAD.unpack_from(data, offset)[1]
        frames.append(data[offset:end])
        offset = end
    return frames


def flips(data: bytes, at: Iterable[int]) -> Iterator[bytes]:
    """The data with one bit flipped at each of these places, not always the same one."""
    flipped = bytearray(data)
    for place in at:
        flipped[place] ^= 1 << place % 8
        yield bytes(flipped)
        flipped[place] ^= 1 << place % 8
