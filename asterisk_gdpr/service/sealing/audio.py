"""Audio as it is sealed: stereo, 16 bits; left is the data subject, right the others.

FLAC (RFC 9639) is lossless, so that what is played is what was said to the last bit, and a third of the size.
A recording whose every purpose does without that is sealed as Opus (`service.sealing.opus`); a segment of it
may be FLAC all the same, where Opus was not to be had in time, or would lose more than it has lost already.
Everything happens in memory: plaintext audio never touches a disk (design, invariant 3).
"""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
import soundfile

from asterisk_gdpr.core.recording import Codec
from asterisk_gdpr.errors import Damaged, Misuse
from asterisk_gdpr.seal.framing import MAX_FRAMES
from asterisk_gdpr.seal.segments import flac_length, opus_length
from asterisk_gdpr.service.sealing import opus

CHANNELS = 2
BYTES_PER_SAMPLE = 2
BYTES_PER_FRAME = CHANNELS * BYTES_PER_SAMPLE
_SAMPLE = np.dtype("<i2")
_FLAC = b"fLaC"


class Encoded(NamedTuple):
    """What is to be sealed of some frames, and the length that hides how much of it is speech."""

    payload: bytes
    usual: int


def encode(left: bytes, right: bytes, rate: int) -> bytes:
    """Return one FLAC stream of two mono legs (signed 16-bit little-endian, equally long, `rate` Hz)."""
    legs = _samples(left, right)
    stream = io.BytesIO()
    soundfile.write(stream, np.column_stack(legs), rate, format="FLAC", subtype="PCM_16")
    return stream.getvalue()


def encode_as(codec: Codec, left: bytes, right: bytes, rate: int) -> Encoded:
    """Return the same legs in this codec; without loss where Opus is not to be had."""
    frames = len(left) // BYTES_PER_SAMPLE
    if codec is Codec.OPUS:
        try:
            return Encoded(opus.encode(*_samples(left, right), rate), opus_length(frames, rate))
        except opus.CannotEncode:
            pass  # `check` says so; the sound itself must not wait for it
    return Encoded(encode(left, right, rate), flac_length(frames))


def as_it_was(payload: bytes, frames: int, rate: int) -> Encoded:
    """Return what a segment held, to be sealed once more without being encoded once more."""
    length = flac_length(frames) if payload.startswith(_FLAC) else opus_length(frames, rate)
    return Encoded(payload, length)


def decode(payload: bytes, codec: str = Codec.FLAC) -> tuple[bytes, int]:
    """Return the frames (left and right sample in turn, signed 16-bit little-endian) and their rate in Hz.

    `codec` is that of the container. Raises Damaged for anything but what `encode_as` makes of it.
    """
    if codec == Codec.OPUS and not payload.startswith(_FLAC):
        left, right, rate = opus.decode(payload)
        return np.column_stack((left, right)).astype(_SAMPLE, copy=False).tobytes(), rate
    if not payload.startswith(_FLAC):  # libsndfile would try every format that it knows
        raise Damaged("A segment holds no audio that can be decoded.")
    try:
        with soundfile.SoundFile(io.BytesIO(payload)) as stream:
            if (stream.format, stream.subtype, stream.channels) != ("FLAC", "PCM_16", CHANNELS):
                raise Damaged("A segment holds audio in another form than this product writes.")
            if stream.frames > MAX_FRAMES:  # it says so itself, and memory would be taken for all of them
                raise Damaged("A segment says that it is longer than one can be.")
            frames = stream.read(dtype="int16")
            rate = stream.samplerate
    except soundfile.LibsndfileError:
        raise Damaged("A segment holds no audio that can be decoded.") from None
    return frames.astype(_SAMPLE, copy=False).tobytes(), rate


def _samples(left: bytes, right: bytes) -> tuple[np.ndarray, np.ndarray]:
    if len(left) != len(right) or not left or len(left) % BYTES_PER_SAMPLE:
        raise Misuse("Two legs of whole samples, equally long and not empty, make one segment.")
    return np.frombuffer(left, _SAMPLE), np.frombuffer(right, _SAMPLE)
