"""The manifest of a recording, put together from the register and from the notes beside its legs."""

from __future__ import annotations

from typing import Any, Protocol, cast

from asterisk_gdpr.core.recording import Codec, Recording
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallBook, RecordingBook
from asterisk_gdpr.seal.manifest import CHANNELS, VERSION, Manifest, SegmentEntry
from asterisk_gdpr.service.proof.choice_evidence import digest_of
from asterisk_gdpr.service.sealing.notes import Notes

_PART = ("id", "sha256", "heard", "text", "at", "call")
"""What of a part of a notice stands in a manifest, as far as it is known."""


class Books(CallBook, RecordingBook, Protocol):
    """The parts of the register that a manifest is made from."""


def describe(register: Books, recording: Recording, notes: Notes, entries: list[SegmentEntry]) -> Manifest:
    """The manifest; raises Refused when the register has no evidence of the choice."""
    evidence = register.evidence(recording.call)
    if evidence is None or recording.ended_at is None:
        raise Refused("There is no evidence of the choice behind this recording.", id="no-evidence")
    facts = evidence.facts
    keys: list[dict[str, Any]] = facts.get("keys", [])
    living = [term.purpose for term in register.terms(recording.id) if term.ended_at is None]
    return cast(
        Manifest,
        {
            "version": VERSION,
            "recording": recording.id,
            "call": recording.call,
            "node": recording.node,
            "line": recording.line,
            "policy": recording.policy,
            "started_at": notes.points[0][1] if notes.points else to_text(recording.created_at),
            "ended_at": to_text(recording.ended_at),
            "rate": recording.rate,
            "frames": recording.frames,
            "channels": CHANNELS,
            "segments": entries,
            "time_map": {
                "tolerance_ms": notes.tolerance_ms,
                "points": notes.points,
            },
            "notice": {
                "language": facts["language"],
                "parts": [{name: part[name] for name in _PART if name in part} for part in facts["notice"]],
            },
            "choice": {
                "outcome": evidence.outcome,
                "at": keys[-1]["at"] if keys else None,
                "keys": [{"digit": key["digit"], "at": key["at"]} for key in keys],
                "evidence_sha256": digest_of(facts),
            },
            "parties": notes.parties,
            "purposes": sorted(living),
            "captures": [
                {
                    "stretch": stretch.number,
                    "started_at": stretch.started_at,
                    "ended_at": stretch.ended_at,
                    "changes": [
                        {"at": at, "muted": muted, "reason": reason} for at, muted, reason in stretch.changes
                    ],
                }
                for stretch in notes.stretches
            ],
            "gaps": [{**gap, "frame": min(gap["frame"], recording.frames)} for gap in notes.gaps],
            **({} if recording.codec is Codec.FLAC else {"codec": recording.codec.value}),
        },
    )
