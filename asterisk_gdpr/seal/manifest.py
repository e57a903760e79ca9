"""What stands in a container's manifest: how the recording came to be, and what it consists of.

It is sealed like the audio, so it may say what the clear parts must not. Numbers and names stay out of
it all the same: they lie in the register, where they can be erased by themselves.
A reader ignores fields that it does not know; those below must be there.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NotRequired, TypedDict, cast

from asterisk_gdpr.seal.canonical import NotCanonical, canonical, parse_canonical
from asterisk_gdpr.seal.framing import END_SHAPE
from asterisk_gdpr.seal.shapes import (
    DIGEST,
    IDENTIFIER,
    TIME,
    WORD,
    boolean,
    constant,
    exactly,
    integer,
    list_of,
    nullable,
    pair,
    record,
    text,
)

VERSION = 1


class SegmentEntry(TypedDict):
    """One segment; `sha256` is of its sealed bytes, in hexadecimal."""

    generation: int
    index: int
    start_frame: int
    frames: int
    sha256: str


class TimeMap(TypedDict):
    """When each frame was spoken: [frame, time] pairs, rising by frame, right to within `tolerance_ms`.

    A frame's time is that of the last point at or before it, and (frame - point) / rate seconds more.
    So each new stretch, and each jump in time where nothing was captured, has a point of its own.
    """

    tolerance_ms: int
    points: list[list[int | str]]


class Part(TypedDict):
    """A part of the notice: its words, the SHA-256 of its audio, and whether it was heard out."""

    id: str
    sha256: str
    heard: bool
    text: NotRequired[str]
    at: NotRequired[str]
    call: NotRequired[str]


class Notice(TypedDict):
    """What the caller heard before the choice."""

    language: str
    parts: list[Part]


class Key(TypedDict):
    """A key that the caller pressed."""

    digit: str
    at: str


class Choice(TypedDict):
    """What the caller answered: `outcome` is a word of the call machine; `at` is null if nothing was said.

    `evidence_sha256` is of the evidence that the register keeps beyond the recording.
    """

    outcome: str
    at: str | None
    keys: list[Key]
    evidence_sha256: NotRequired[str]


class Party(TypedDict):
    """A person in the call: whether the permission rule is met for them, why, and since when."""

    role: str
    cleared: bool
    why: str
    from_frame: NotRequired[int]
    agent: NotRequired[str]
    at: NotRequired[str]


class Change(TypedDict):
    """Capture was muted or opened, and for what reason."""

    at: str
    muted: bool
    reason: str


class Capture(TypedDict):
    """One stretch: one run of MixMonitor, muted from its start."""

    stretch: int
    started_at: str
    ended_at: str | None
    changes: list[Change]


class Gap(TypedDict):
    """Time that should have been captured and was lost just before `frame`."""

    frame: int
    started_at: str
    ended_at: str
    reason: str


class Step(TypedDict):
    """How a recording was made of another one: `spans` are [first, behind the last] frames of that one.

    `kind` is `redacted` (they are silence now) or `part` (nothing else is left). `manifest` is that of the
    other one without its own `derived`, `manifest_sha256` of it with them, `end` its container's signed end.
    """

    kind: str
    at: str
    spans: list[list[int]]
    manifest: dict[str, Any]
    manifest_sha256: str
    end: dict[str, Any]


class Channels(TypedDict):
    """Who is heard where."""

    left: str
    right: str


class Manifest(TypedDict):
    """The whole. `policy` is the policy's version, `frames` the samples of each channel in all segments."""

    version: int
    recording: str
    call: str
    node: str
    line: str
    policy: str
    started_at: str
    ended_at: str
    rate: int
    frames: int
    channels: Channels
    segments: list[SegmentEntry]
    time_map: TimeMap
    notice: Notice
    choice: Choice
    parties: list[Party]
    purposes: list[str]
    captures: list[Capture]
    gaps: list[Gap]
    derived: NotRequired[list[Step]]
    codec: NotRequired[str]
    """As in the container's header, where that is not `flac`."""


CHANNELS: Channels = {"left": "data_subject", "right": "others"}

_LABEL = text(r"[^\x00-\x1f\x7f]{1,200}")
_WORDS = text(r"[^\x00-\x1f\x7f]{1,4000}")
_COUNT = integer(1, 2**32 - 1)
_SHAPE = record(
    {
        "version": constant(VERSION),
        "recording": IDENTIFIER,
        "call": IDENTIFIER,
        "node": _LABEL,
        "line": _LABEL,
        "policy": _LABEL,
        "started_at": TIME,
        "ended_at": TIME,
        "rate": integer(1),
        "frames": integer(),
        "channels": exactly({"left": constant("data_subject"), "right": constant("others")}),
        "segments": list_of(
            exactly(
                {
                    "generation": _COUNT,
                    "index": integer(),
                    "start_frame": integer(),
                    "frames": _COUNT,
                    "sha256": DIGEST,
                }
            )
        ),
        "time_map": record({"tolerance_ms": integer(), "points": list_of(pair(integer(), TIME))}),
        "notice": record(
            {
                "language": text(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"),
                "parts": list_of(
                    record(
                        {"id": _LABEL, "sha256": DIGEST, "heard": boolean},
                        optional={"text": _WORDS, "at": TIME, "call": IDENTIFIER},
                    )
                ),
            }
        ),
        "choice": record(
            {
                "outcome": WORD,
                "at": nullable(TIME),
                "keys": list_of(record({"digit": text(r"[0-9*#A-D]"), "at": TIME})),
            },
            optional={"evidence_sha256": DIGEST},
        ),
        "parties": list_of(
            record(
                {"role": WORD, "cleared": boolean, "why": WORD},
                optional={"from_frame": integer(), "agent": IDENTIFIER, "at": TIME},
            )
        ),
        "purposes": list_of(_LABEL),
        "captures": list_of(
            record(
                {
                    "stretch": integer(),
                    "started_at": TIME,
                    "ended_at": nullable(TIME),
                    "changes": list_of(record({"at": TIME, "muted": boolean, "reason": WORD})),
                }
            )
        ),
        "gaps": list_of(record({"frame": integer(), "started_at": TIME, "ended_at": TIME, "reason": WORD})),
    },
    optional={
        "codec": WORD,
        "derived": list_of(
            record(
                {
                    "kind": WORD,
                    "at": TIME,
                    "spans": list_of(pair(integer(), integer())),
                    "manifest": record({}),
                    "manifest_sha256": DIGEST,
                    "end": END_SHAPE,
                }
            )
        ),
    },
)


def check(manifest: object) -> str:
    """Say what is wrong with a manifest ("manifest.choice.at is …"), or return an empty text."""
    if fault := _SHAPE(manifest):
        return f"manifest{fault}"
    whole = cast(Manifest, manifest)
    frame = 0
    for index, entry in enumerate(whole["segments"]):
        if (entry["index"], entry["start_frame"]) != (index, frame):
            return f"manifest.segments[{index}] does not follow on what is before it"
        frame += entry["frames"]
    if frame != whole["frames"]:
        return "manifest.frames is not the sum of its segments"
    frames = [cast(int, point[0]) for point in whole["time_map"]["points"]]
    if any(later <= earlier for earlier, later in pairwise(frames)):
        return "manifest.time_map.points do not rise"
    return ""


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest's one encoding; `check` has been asked before."""
    return canonical(manifest)


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest; raises NotCanonical with what is wrong."""
    fields: dict[str, Any] = parse_canonical(data)
    if fault := check(fields):
        raise NotCanonical(fault)
    return cast(Manifest, fields)
