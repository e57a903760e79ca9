"""The sound of a recording that is made of another one, segment by segment: silenced ranges, or one range.

What stays whole is sealed as it was, and not encoded once more. What is changed of Opus becomes FLAC: it
loses nothing more, and what is silenced is silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from asterisk_gdpr.core.recording import Codec, DerivedAs
from asterisk_gdpr.errors import Damaged
from asterisk_gdpr.seal.layout import Read, Scan
from asterisk_gdpr.seal.reader import open_segment_at
from asterisk_gdpr.service.sealing.audio import CHANNELS, Encoded, as_it_was, decode, encode_as


def pieces(
    read: Read,
    found: Scan,
    keys: Mapping[int, bytes],
    kind: DerivedAs,
    spans: Sequence[tuple[int, int]],
    codec: Codec,
) -> Iterator[tuple[int, Encoded]]:
    """Each new segment with its frames; `spans` are frames of the old recording, `codec` is the new one's."""
    has, rate = Codec(found.header.codec), found.header.rate
    for place in found.segments:
        payload = open_segment_at(read, found, place, keys[place.generation])
        sound, its_rate = decode(payload, has)
        frames = np.frombuffer(sound, "<i2").reshape(-1, CHANNELS).copy()
        if (len(frames), its_rate) != (place.frames, rate):
            raise Damaged(f"Segment {place.index} holds other audio than its container says.")
        cuts = [
            (max(0, first - place.start_frame), min(place.frames, last - place.start_frame))
            for first, last in spans
            if first < place.start_frame + place.frames and last > place.start_frame
        ]
        redacted, whole = kind is DerivedAs.REDACTED, (0, place.frames)
        if has is codec and cuts == ([] if redacted else [whole]):
            yield place.frames, as_it_was(payload, place.frames, rate)
            continue
        if redacted:
            for first, last in cuts:
                frames[first:last] = 0
            cuts = [whole]
        for first, last in cuts:
            left, right = (
                np.ascontiguousarray(frames[first:last, side]).tobytes() for side in range(CHANNELS)
            )
            lossless = Codec.FLAC if has is Codec.OPUS else codec
            yield last - first, encode_as(lossless, left, right, rate)
