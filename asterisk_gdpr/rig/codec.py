"""How a headset's sound is coded: each codec here has 160 bytes for 20 ms (RFC 3551)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from asterisk_gdpr.rig.sound import Samples, from_ulaw, to_ulaw


@dataclass(frozen=True)
class Codec:
    """Between samples, 8000 a second, and bytes that are sent as RTP of this payload type."""

    name: str
    payload: int
    encode: Callable[[Samples], bytes]
    decode: Callable[[bytes], Samples]


ULAW = Codec("ulaw", 0, to_ulaw, from_ulaw)


def g722(convert: Callable[[bytes, str, str], bytes]) -> Codec:
    """G.722 at 64 kbit/s, which codes 16000 samples a second.

    `convert` turns the bytes of one kind of file into another (`sln16`, `g722`). A running Asterisk does so;
    what it loses of live calls (see `headset`) it does not lose of files.
    """

    def encode(samples: Samples) -> bytes:
        between = np.interp(np.arange(2 * len(samples)) / 2, np.arange(len(samples)), samples)
        return convert(between.astype("<i2").tobytes(), "sln16", "g722")

    def decode(data: bytes) -> Samples:
        return np.frombuffer(convert(data, "g722", "sln16"), dtype="<i2")[::2]

    return Codec("g722", 9, encode, decode)
