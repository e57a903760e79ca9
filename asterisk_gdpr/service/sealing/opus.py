"""Opus (RFC 6716, in Ogg by RFC 7845), for what need not be lossless: good speech in a third of the size.

Each side is a stream of its own. One stereo stream codes what both sides have in common, and something of a
caller who talks is then heard on the side of the others: a copy of one side would hold the other.
libsndfile encodes in memory. A program behind a pipe (ffmpeg) was measured beside it: a process for every
five seconds of every call takes more time than the encoding itself (`docs/dependencies.md`).
"""

from __future__ import annotations

import io
import struct

import numpy as np
import soundfile

from asterisk_gdpr.errors import Damaged, GdprError
from asterisk_gdpr.seal.framing import MAX_FRAMES

BITS = {8000: 20_000}
"""Bits a second of each side, by rate: the most of what RFC 7587 (3.1.1) recommends for wideband speech."""

BITS_ELSE = 19_000
"""At 16 kHz the encoder takes a little more than it is given for some sounds: so all have one length."""

_LEAST, _MOST = 6_000, 256_000
"""Bits a second of each channel at libsndfile's highest and at its lowest compression."""

_LENGTH = struct.Struct(">I")


class CannotEncode(GdprError):
    """There is no Opus encoder, or it does not take this sound."""

    default_id = "no-opus"


def available() -> bool:
    """Whether this machine's libsndfile can write Opus."""
    return "OPUS" in soundfile.available_subtypes("OGG")


def encode(left: np.ndarray, right: np.ndarray, rate: int) -> bytes:
    """Return both sides (int16 samples): the left stream's length (u32), then both; raises CannotEncode."""
    streams = [_encoded(side, rate) for side in (left, right)]
    return _LENGTH.pack(len(streams[0])) + streams[0] + streams[1]


def decode(payload: bytes) -> tuple[np.ndarray, np.ndarray, int]:
    """Return both sides (int16 samples, equally long) and their rate; raises Damaged for anything else."""
    if len(payload) < _LENGTH.size:
        raise Damaged("A segment holds no audio that can be decoded.")
    (length,) = _LENGTH.unpack_from(payload)
    (left, rate), (right, other) = (
        _decoded(side) for side in (payload[_LENGTH.size :][:length], payload[_LENGTH.size + length :])
    )
    if (len(left), rate) != (len(right), other):
        raise Damaged("The two sides of a segment are not equally long.")
    return left, right, rate


def _encoded(side: np.ndarray, rate: int) -> bytes:
    stream, compression = io.BytesIO(), (_MOST - BITS.get(rate, BITS_ELSE)) / (_MOST - _LEAST)
    try:
        soundfile.write(stream, side, rate, format="OGG", subtype="OPUS", compression_level=compression)
    except (soundfile.SoundFileError, ValueError):
        raise CannotEncode("This sound cannot be encoded as Opus here.") from None
    return stream.getvalue()


def _decoded(stream: bytes) -> tuple[np.ndarray, int]:
    if not stream.startswith(b"OggS"):  # libsndfile would try every format that it knows
        raise Damaged("A segment holds no audio that can be decoded.")
    try:
        with soundfile.SoundFile(io.BytesIO(stream)) as sound:
            if (sound.format, sound.subtype, sound.channels) != ("OGG", "OPUS", 1):
                raise Damaged("A segment holds audio in another form than this product writes.")
            if sound.frames > MAX_FRAMES:  # it says so itself, and memory would be taken for all of them
                raise Damaged("A segment says that it is longer than one can be.")
            return sound.read(dtype="int16"), sound.samplerate
    except soundfile.LibsndfileError:
        raise Damaged("A segment holds no audio that can be decoded.") from None
