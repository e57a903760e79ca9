"""One sealed segment: a few seconds of a recording that open only as a whole, and only in their place.

Cobblestone-256 (C2SP chunked-encryption, AES-256-GCM and SHA-512) with a context that names the
recording, the generation, the index and the frames; the key is committed to, so no second key opens the
same bytes.

A lossless codec makes silence short and speech long, and the lengths alone would tell who paused when.
So the payload is padded to a length that depends on the segment's frames only, as long as the audio is
ordinary speech: 2.4 bytes a frame, 96 KiB for 40,000 frames (5 s at 8 kHz). Measured on 21 minutes of
dense speech through mu-law, FLAC took 0.01 bytes a frame for silence on both sides, 1.03 for one voice
against silence, 1.99 against line noise, and 2.06 (at most 2.25) for two voices at once.
What still does not fit takes the next step, half as much again; that step is what an onlooker learns.
Opus takes nearly the same whatever is said, and is padded to what it takes at most: 28 KiB for 5 s.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.errors import CannotOpen

MAX_SEALED = 4 * 1024 * 1024
"""Bytes of the longest sealed segment."""

PAGE = 4096
_LENGTH = struct.Struct(">I")
_SEGMENT_DOMAIN = b"asterisk-gdpr segment v1\0"
_MANIFEST_DOMAIN = b"asterisk-gdpr manifest v1\0"
_PEAKS_DOMAIN = b"asterisk-gdpr peaks v1\0"


@dataclass(frozen=True)
class SegmentContext:
    """Where a segment belongs: it opens under this recording, generation, index and time only.

    `generation` numbers the data key, `index` counts the recording's segments from 0; the segment holds
    `frames` frames (one sample of each channel) from `start_frame` of the recording on.
    """

    recording: str
    generation: int
    index: int
    start_frame: int
    frames: int

    def to_bytes(self) -> bytes:
        """Return the Cobblestone context."""
        place = struct.pack(">IQI", self.index, self.start_frame, self.frames)
        return _context(_SEGMENT_DOMAIN, self.recording, self.generation) + place


def seal_segment(data_key: bytes, context: SegmentContext, payload: bytes, usual: int | None = None) -> bytes:
    """Seal `payload` (the context's frames, encoded); raises Misuse if that makes it too long.

    `usual` is the length that the plaintext is padded to if it fits; that of FLAC where none is given.
    """
    least = flac_length(context.frames) if usual is None else usual
    padding = bytes(padded_length(least, len(payload)) - _LENGTH.size - len(payload))
    sealed = _seal(data_key, context.to_bytes(), _LENGTH.pack(len(payload)) + payload + padding)
    if len(sealed) > MAX_SEALED:
        raise Misuse(f"A sealed segment of {len(sealed)} bytes is too long; take fewer seconds at once.")
    return sealed


def open_segment(data_key: bytes, context: SegmentContext, sealed: bytes) -> bytes:
    """Return the payload of a sealed segment, once all of it is authentic; raises CannotOpen."""
    where = f"segment {context.index} of the recording {context.recording}"
    return _unpad(_open(data_key, context.to_bytes(), sealed, where), where)


def _unpad(plain: bytes, where: str) -> bytes:
    """Return what stands between its length (u32) and zeroes only; raises CannotOpen, naming `where`."""
    if len(plain) < _LENGTH.size:
        raise CannotOpen(f"The {where} is shorter than its head.")
    (length,) = _LENGTH.unpack_from(plain)
    content, padding = plain[_LENGTH.size : _LENGTH.size + length], plain[_LENGTH.size + length :]
    if len(content) != length or padding.strip(b"\0"):
        raise CannotOpen(f"The {where} is not padded as the format says.")
    return content


def flac_length(frames: int) -> int:
    """Return the usual length in bytes of a plaintext of so many frames as FLAC."""
    return _round_up(_LENGTH.size + (frames * 12 + 4) // 5)


def opus_length(frames: int, rate: int) -> int:
    """The same as Opus, of both sides, at `rate` frames a second."""
    return _round_up(_LENGTH.size + 2400 + -(-frames * 5250 // rate))


def padded_length(usual: int, payload: int) -> int:
    """Return the plaintext's length in bytes: the usual one, or of a step above if that is too short."""
    needed = _LENGTH.size + payload
    length = usual
    while length < needed:
        length = _round_up(length * 3 // 2)
    return length


def seal_manifest(data_key: bytes, recording: str, generation: int, manifest: bytes) -> bytes:
    """Seal the manifest under the last generation's data key, padded to whole pages: lists tell by length."""
    plain = _LENGTH.pack(len(manifest)) + manifest
    plain += bytes(_round_up(len(plain)) - len(plain))
    return _seal(data_key, _context(_MANIFEST_DOMAIN, recording, generation), plain)


def open_manifest(data_key: bytes, recording: str, generation: int, sealed: bytes) -> bytes:
    """Return the manifest that `seal_manifest` sealed; raises CannotOpen."""
    where = f"manifest of the recording {recording}"
    return _unpad(_open(data_key, _context(_MANIFEST_DOMAIN, recording, generation), sealed, where), where)


def seal_peaks(data_key: bytes, recording: str, generation: int, peaks: bytes) -> bytes:
    """Seal a recording's waveform under its data key; its length is the caller's to keep the same."""
    return _seal(data_key, _context(_PEAKS_DOMAIN, recording, generation), peaks)


def open_peaks(data_key: bytes, recording: str, generation: int, sealed: bytes) -> bytes:
    """Return what `seal_peaks` sealed; raises CannotOpen."""
    where = f"waveform of the recording {recording}"
    return _open(data_key, _context(_PEAKS_DOMAIN, recording, generation), sealed, where)


def _seal(data_key: bytes, context: bytes, plaintext: bytes) -> bytes:
    """Return the plaintext sealed by Cobblestone-256 in this context."""
    encryptor = Cobblestone256Encryptor(data_key, context)
    return encryptor.update(plaintext) + encryptor.finalize()


def _open(data_key: bytes, context: bytes, sealed: bytes, where: str) -> bytes:
    """Return what `_seal` sealed, once all of it is authentic; raises CannotOpen, naming `where`."""
    decryptor = Cobblestone256Decryptor(data_key, context)
    try:
        return decryptor.update(sealed) + decryptor.finalize()
    except InvalidTag:
        raise CannotOpen(
            f"The {where} does not open: another key, another place, or changed bytes."
        ) from None


def _context(domain: bytes, recording: str, generation: int) -> bytes:
    name = recording.encode("ascii")
    return domain + struct.pack(">B", len(name)) + name + struct.pack(">I", generation)


def _round_up(length: int) -> int:
    return -(-length // PAGE) * PAGE
