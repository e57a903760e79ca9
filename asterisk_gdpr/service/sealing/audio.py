"""Audio as it is sealed: FLAC (RFC 9639), stereo, 16 bits; left is the data subject, right the others.

Lossless, so that what is played is what was said to the last bit, and a third of the size.
Everything happens in memory: plaintext audio never touches a disk (design, invariant 3).
"""

from __future__ import annotations

import io

import numpy as np
import soundfile

from asterisk_gdpr.errors import Damaged, Misuse
from asterisk_gdpr.seal.framing import MAX_FRAMES

CHANNELS = 2
BYTES_PER_SAMPLE = 2
BYTES_PER_FRAME = CHANNELS * BYTES_PER_SAMPLE
_SAMPLE = np.dtype("<i2")


def encode(left: bytes, right: bytes, rate: int) -> bytes:
    """Return one FLAC stream of two mono legs (signed 16-bit little-endian, equally long, `rate` Hz)."""
    if len(left) != len(right) or not left or len(left) % BYTES_PER_SAMPLE:
        raise Misuse("Two legs of whole samples, equally long and not empty, make one segment.")
    legs = (np.frombuffer(left, _SAMPLE), np.frombuffer(right, _SAMPLE))
    stream = io.BytesIO()
    soundfile.write(stream, np.column_stack(legs), rate, format="FLAC", subtype="PCM_16")
    return stream.getvalue()


def decode(flac: bytes) -> tuple[bytes, int]:
    """Return the frames (left and right sample in turn, signed 16-bit little-endian) and their rate in Hz.

    Raises Damaged for anything but what `encode` makes.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(flac)) as stream:
            if (stream.format, stream.subtype, stream.channels) != ("FLAC", "PCM_16", CHANNELS):
                raise Damaged("A segment holds audio in another form than this product writes.")
            if stream.frames > MAX_FRAMES:  # it says so itself, and memory would be taken for all of them
                raise Damaged("A segment says that it is longer than one can be.")
            frames = stream.read(dtype="int16")
            rate: int = stream.samplerate
    except soundfile.LibsndfileError:
        raise Damaged("A segment holds no audio that can be decoded.") from None
    return frames.astype(_SAMPLE, copy=False).tobytes(), rate
