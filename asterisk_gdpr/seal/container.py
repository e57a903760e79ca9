"""Writing a container: each step returns the bytes to append and the writer that goes on from there.

A writer is a value. The caller keeps the old one until the bytes are appended, synced and committed;
if that fails, the old one takes the step again, and nothing was lost or counted twice.

    data, writer = Writer.start(header)
    data, writer = writer.begin_generation(1, data_key)
    data, writer, entry = writer.segment(frames, flac)      # and so on
    data, writer = writer.finish(manifest, signing_key, ended_at)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.framing import (
    END,
    GENERATION,
    HEADER,
    MANIFEST,
    MAX_FRAMES,
    MAX_SEGMENTS,
    SEGMENT,
    U32,
    Header,
    chain_next,
    chain_start,
    encode_end,
    encode_header,
    frame,
)
from asterisk_gdpr.seal.manifest import Manifest, SegmentEntry, check, encode_manifest
from asterisk_gdpr.seal.segments import SegmentContext, seal_manifest, seal_segment
from asterisk_gdpr.seal.signing import SigningKey

__all__ = ["Appended", "AppendedSegment", "Header", "Writer"]


class Appended(NamedTuple):
    """What to append, and the writer to go on with once it is there to stay."""

    data: bytes
    writer: Writer


class AppendedSegment(NamedTuple):
    """The same for a segment, with its entry for the manifest."""

    data: bytes
    writer: Writer
    entry: SegmentEntry


@dataclass(frozen=True)
class Writer:
    """A container up to here: its length in bytes, its chain (32 bytes), and what is in it.

    `generation` is the number of the last data key, `frames` the samples of each channel sealed so far.
    """

    recording: str
    size: int
    chain: bytes
    segments: int
    generation: int
    frames: int
    finished: bool = False
    _data_key: bytes | None = field(default=None, repr=False)

    @staticmethod
    def start(header: Header) -> Appended:
        """Begin a container."""
        data = header.magic + frame(HEADER, encode_header(header))
        writer = Writer(header.recording, len(data), chain_start(data), segments=0, generation=0, frames=0)
        return Appended(data, writer)

    @staticmethod
    def resume(
        recording: str, *, size: int, chain: bytes, segments: int, generation: int, frames: int
    ) -> Writer:
        """Go on after a crash from what was committed; the file is cut to `size` before.

        The old data key is not to be had beside the PBX, so the next step is `begin_generation`.
        """
        return Writer(recording, size, chain, segments, generation, frames)

    def begin_generation(self, number: int, data_key: bytes) -> Appended:
        """Seal what follows under a new data key; numbers rise from 1, and may leave some out."""
        if not self.generation < number < 2**32:
            raise Misuse(f"Generation {number} does not come after {self.generation}.")
        data, writer = self._append(GENERATION, U32.pack(number))
        return Appended(data, replace(writer, generation=number, _data_key=data_key))

    def segment(self, frames: int, payload: bytes, usual: int | None = None) -> AppendedSegment:
        """Seal the next `frames` frames, encoded in one piece.

        `usual` is the length that its plaintext is padded to if it fits; that of FLAC where none is given.
        """
        if not 0 < frames <= MAX_FRAMES or self.segments >= MAX_SEGMENTS:
            raise Misuse("A segment has 1 to 2^20 frames, and a container at most 2^20 segments.")
        context = SegmentContext(self.recording, self.generation, self.segments, self.frames, frames)
        sealed = seal_segment(self._key(), context, payload, usual)
        data, writer = self._append(SEGMENT, U32.pack(frames) + sealed)
        entry = SegmentEntry(
            generation=self.generation,
            index=self.segments,
            start_frame=self.frames,
            frames=frames,
            sha256=hashlib.sha256(sealed).hexdigest(),
        )
        grown = replace(writer, segments=self.segments + 1, frames=self.frames + frames)
        return AppendedSegment(data, grown, entry)

    def finish(self, manifest: Manifest, signing_key: SigningKey, ended_at: str) -> Appended:
        """Close the container with its manifest and a signature; nothing can follow."""
        if fault := check(manifest):
            raise Misuse(f"A container cannot be closed with this: {fault}.")
        described = (manifest["recording"], len(manifest["segments"]), manifest["frames"])
        if described != (self.recording, self.segments, self.frames):
            raise Misuse("The manifest describes another recording than this container holds.")
        sealed = seal_manifest(self._key(), self.recording, self.generation, encode_manifest(manifest))
        manifest_frame, closing = self._append(MANIFEST, sealed)
        end = encode_end(
            {
                "recording": self.recording,
                "generation": self.generation,
                "segments": self.segments,
                "frames": self.frames,
                "chain": closing.chain.hex(),
                "manifest_sha256": hashlib.sha256(sealed).hexdigest(),
                "ended_at": ended_at,
            },
            signing_key,
        )
        end_frame, closed = closing._append(END, end)
        return Appended(manifest_frame + end_frame, replace(closed, finished=True, _data_key=None))

    def _append(self, type: int, body: bytes) -> Appended:
        if self.finished:
            raise Misuse(f"The container of the recording {self.recording} is closed.")
        data = frame(type, body)
        return Appended(data, replace(self, size=self.size + len(data), chain=chain_next(self.chain, data)))

    def _key(self) -> bytes:
        if self._data_key is None:
            raise Misuse("There is no data key here: begin a generation first.")
        return self._data_key
