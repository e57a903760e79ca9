"""Reading a container strictly: what is not exactly as the format says is damaged, and nothing is guessed.

`scan` reads the heads only and is enough to seek and to play. `verify` reads every byte and needs public
keys alone. Opening needs a data key, which the vault's private key unwraps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from asterisk_gdpr.seal.canonical import NotCanonical
from asterisk_gdpr.seal.errors import DamagedContainer
from asterisk_gdpr.seal.framing import MAGICS, MANIFEST, SEGMENT, U32, End, Header, chain_next, chain_start
from asterisk_gdpr.seal.layout import Layout, Place, Read, Scan, read_exactly, walk
from asterisk_gdpr.seal.manifest import Manifest, SegmentEntry, decode_manifest
from asterisk_gdpr.seal.segments import SegmentContext, open_segment
from asterisk_gdpr.seal.segments import open_manifest as open_sealed_manifest
from asterisk_gdpr.seal.signing import VerifyKey, find_key


@dataclass(frozen=True)
class Committed:
    """How far the register vouches for a container that was not closed: its length in bytes, its chain."""

    size: int
    chain: bytes


@dataclass(frozen=True)
class Verdict:
    """Every byte up to `size` is what was written.

    A closed container (`complete`) is proven by the signature of `end.signing_key_id`, a cut one only by
    what the register has committed. `segments` are the entries for a manifest, `chain` is over all of it.
    """

    header: Header
    complete: bool
    size: int
    segments: tuple[SegmentEntry, ...]
    end: End | None
    chain: bytes


def scan(read: Read, size: int) -> Scan:
    """Read the heads of a container of `size` bytes, or of the committed part of one that was cut.

    Raises DamagedContainer and UnknownVersion.
    """
    layout = Layout()
    for frame in walk(read, size, whole=False):
        layout.add(frame)
    return layout.done(size)


def verify(
    read: Read, size: int, keys: Iterable[VerifyKey], *, committed: Committed | None = None
) -> Verdict:
    """Read every byte and prove that it is what was written.

    With `committed`, a container that a crash has cut is proven up to there, and what lies behind is not
    looked at; without, only a closed one passes.
    Raises DamagedContainer, UnknownVersion, and UnknownKey if none of `keys` signed it.
    """
    until = size if committed is None else committed.size
    if until > size:
        raise DamagedContainer(f"{until} bytes were committed, and only {size} are there", size)
    layout, before, after = Layout(), b"", b""
    entries: list[SegmentEntry] = []
    manifest_digest = ""
    for frame in walk(read, until, whole=True):
        layout.add(frame)
        before = after
        after = chain_next(after, frame.whole) if after else chain_start(MAGICS[frame.version] + frame.whole)
        if frame.type == SEGMENT:
            entries.append(_entry(layout.segments[-1], frame.body[U32.size :]))
        elif frame.type == MANIFEST:
            manifest_digest = hashlib.sha256(frame.body).hexdigest()
    found = layout.done(until)
    if committed is not None and after != committed.chain:
        raise DamagedContainer("its bytes are not those that were committed", until)
    if found.end is not None:
        if found.end.manifest_sha256 != manifest_digest or found.end.chain != before.hex():
            raise DamagedContainer("its bytes are not those that its end was signed for", until)
        key = find_key(keys, found.end.signing_key_id)
        if not key.verify(bytes.fromhex(found.end.signature), found.end.signed):
            raise DamagedContainer(f"the signature of the key {key.id} does not fit", until)
    elif committed is None:
        raise DamagedContainer("it has no end: it was cut, or is still being written", until)
    return Verdict(found.header, found.end is not None, until, tuple(entries), found.end, after)


def open_segment_at(read: Read, found: Scan, place: Place, data_key: bytes) -> bytes:
    """Return the payload of one segment, once all of it is authentic; raises CannotOpen."""
    context = SegmentContext(
        found.header.recording, place.generation, place.index, place.start_frame, place.frames
    )
    return open_segment(data_key, context, read_exactly(read, place.offset, place.length))


def open_manifest(read: Read, found: Scan, data_key: bytes) -> Manifest:
    """Return the manifest; `data_key` is that of `found.manifest.generation`. Raises CannotOpen."""
    place, recording = found.manifest, found.header.recording
    if place is None:
        raise DamagedContainer("it was cut before its manifest", found.size)
    sealed = read_exactly(read, place.offset, place.length)
    try:
        manifest = decode_manifest(open_sealed_manifest(data_key, recording, place.generation, sealed))
    except NotCanonical as fault:
        raise DamagedContainer(f"its manifest is wrong: {fault.message}", place.offset) from None
    if manifest["recording"] != recording:
        raise DamagedContainer("its manifest is of another recording", place.offset)
    return manifest


def compare_manifest(verdict: Verdict, manifest: Manifest) -> None:
    """Check that the manifest describes what lies in the container; raises DamagedContainer."""
    header = verdict.header
    if (manifest["recording"], manifest["rate"]) != (header.recording, header.rate):
        raise DamagedContainer("its manifest and its header disagree", 0)
    if manifest.get("codec", "flac") != header.codec:
        raise DamagedContainer("its manifest and its header disagree on the codec", 0)
    if manifest["segments"] != list(verdict.segments):
        raise DamagedContainer("its manifest lists other segments than it holds", verdict.size)


def _entry(place: Place, sealed: bytes) -> SegmentEntry:
    return SegmentEntry(
        generation=place.generation,
        index=place.index,
        start_frame=place.start_frame,
        frames=place.frames,
        sha256=hashlib.sha256(sealed).hexdigest(),
    )
