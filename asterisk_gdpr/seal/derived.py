"""The manifest of a recording that was made of another one, and the proof that it hangs together.

A redaction silences ranges and keeps the time line; a part is cut out and stands by itself. The new manifest
carries the whole of the one before it, and its container's signed end, under `derived`, once for each
step; so who opens the newest manifest sees what was changed at each step, that the evidence (notice,
choice, parties, policy) is still that of the first, and that the first was signed when the call ended.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from asterisk_gdpr.seal.errors import DamagedContainer
from asterisk_gdpr.seal.framing import End
from asterisk_gdpr.seal.manifest import Manifest, SegmentEntry, Step, check, encode_manifest
from asterisk_gdpr.seal.signing import VerifyKey, find_key

REDACTED, PART = "redacted", "part"

KEPT = ("call", "node", "line", "policy", "rate", "channels", "notice", "choice", "captures")
"""What of a manifest no derivation may change."""

LASTING = ("started_at", "ended_at", "frames", "time_map", "parties", "gaps")
"""What a redaction may not change either: it moves no frame."""


def digest(manifest: Manifest) -> str:
    """The SHA-256 of a manifest's one encoding."""
    return hashlib.sha256(encode_manifest(manifest)).hexdigest()


def redacted(
    old: Manifest,
    end: End,
    recording: str,
    spans: Sequence[tuple[int, int]],
    entries: list[SegmentEntry],
    purposes: Sequence[str],
    at: str,
) -> Manifest:
    """The manifest of a recording in which these frames are silence; everything else is as it was."""
    step = _step(REDACTED, old, end, spans, at)
    return cast(
        Manifest,
        {
            **old,
            "recording": recording,
            "segments": entries,
            "purposes": sorted(purposes),
            "derived": [*old.get("derived", []), step],
        },
    )


def part(
    old: Manifest,
    end: End,
    recording: str,
    span: tuple[int, int],
    entries: list[SegmentEntry],
    purposes: Sequence[str],
    at: str,
) -> Manifest:
    """The manifest of the frames of one span by themselves: times are those at which they were spoken."""
    first, last = span
    points = old["time_map"]["points"]
    inside = [[cast(int, frame) - first, time] for frame, time in points if first < cast(int, frame) < last]
    gaps = [{**gap, "frame": gap["frame"] - first} for gap in old["gaps"] if first < gap["frame"] < last]
    parties = [
        {**party, "from_frame": max(0, party["from_frame"] - first)} if "from_frame" in party else party
        for party in old["parties"]
        if party.get("from_frame", 0) < last
    ]
    started_at = spoken_at(old, first)
    return cast(
        Manifest,
        {
            **old,
            "recording": recording,
            "started_at": started_at,
            "ended_at": spoken_at(old, last),
            "frames": last - first,
            "segments": entries,
            "time_map": {**old["time_map"], "points": [[0, started_at], *inside]},
            "gaps": gaps,
            "parties": parties,
            "purposes": sorted(purposes),
            "derived": [*old.get("derived", []), _step(PART, old, end, [span], at)],
        },
    )


def spoken_at(manifest: Manifest, frame: int) -> str:
    """When a frame was spoken, by the manifest's map of time."""
    points = manifest["time_map"]["points"]
    if not points:
        return manifest["started_at"]
    frames = [cast(int, point[0]) for point in points]
    known, time = points[max(0, bisect_right(frames, frame) - 1)]
    spoken = datetime.fromisoformat(cast(str, time))
    at = spoken + timedelta(seconds=(frame - cast(int, known)) / manifest["rate"])
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def earlier(manifest: Manifest) -> list[Manifest]:
    """The manifests before this one, from that of the call itself on; none for a recording of a call."""
    steps = manifest.get("derived", [])
    return [
        cast(Manifest, {**step["manifest"], **({"derived": steps[:number]} if number else {})})
        for number, step in enumerate(steps)
    ]


def check_derived(manifest: Manifest, keys: Iterable[VerifyKey]) -> None:
    """Prove that a derived manifest hangs together; raises DamagedContainer and UnknownKey.

    Each step names the manifest before it by its hash and carries the signed end of that container; the
    evidence is the same from the first to the last.
    """
    known = list(keys)
    chain = [*earlier(manifest), manifest]
    for step, before, after in zip(manifest.get("derived", []), chain, chain[1:], strict=False):
        if fault := check(before):
            raise DamagedContainer(f"an earlier {fault}", 0)
        if digest(before) != step["manifest_sha256"]:
            raise DamagedContainer("its manifest carries another one than it was made of", 0)
        kept = (*KEPT, *LASTING) if step["kind"] == REDACTED else KEPT
        if changed := [name for name in kept if cast(Any, before)[name] != cast(Any, after)[name]]:
            raise DamagedContainer(f"its manifest changes what none may: {', '.join(changed)}", 0)
        if not _spans_fit(step, before["frames"], after["frames"]):
            raise DamagedContainer("its manifest names other spans than it was made by", 0)
        end = End(**cast(Any, step["end"]))
        described = (end.recording, end.segments, end.frames)
        if described != (before["recording"], len(before["segments"]), before["frames"]):
            raise DamagedContainer("its manifest carries the end of another container", 0)
        key = find_key(known, end.signing_key_id)
        if not key.verify(bytes.fromhex(end.signature), end.signed):
            raise DamagedContainer(f"the signature of the key {key.id} under an earlier end does not fit", 0)


def _spans_fit(step: Step, before: int, after: int) -> bool:
    """Whether a step is one of those that there are, by spans of the recording before it."""
    spans = step["spans"]
    if not spans or not all(first < behind <= before for first, behind in spans):
        return False
    if step["kind"] == PART:
        return len(spans) == 1 and spans[0][1] - spans[0][0] == after
    return step["kind"] == REDACTED


def _step(kind: str, old: Manifest, end: End, spans: Sequence[tuple[int, int]], at: str) -> Step:
    bare = {name: value for name, value in old.items() if name != "derived"}
    return cast(
        Step,
        {
            "kind": kind,
            "at": at,
            "spans": [list(span) for span in spans],
            "manifest": bare,
            "manifest_sha256": digest(old),
            "end": asdict(end),
        },
    )
