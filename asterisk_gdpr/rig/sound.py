"""Sounds that a test can recognise, and what it can say of a recording of them.

Samples are one-dimensional arrays of int16, 8000 a second unless a rate is given. Tones at multiples of 50 Hz
do not disturb each other in frames of 20 ms, so that each is found beside all others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
RATE = 8000
FRAME_SECONDS = 0.02
LOUD = 8000
"""The amplitude of the bench's own tones."""


@dataclass(frozen=True)
class Span:
    """A stretch of time in a recording, in seconds from its beginning."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


def tone(hz: int, seconds: float, rate: int = RATE) -> Samples:
    """A tone at the bench's amplitude."""
    return np.round(LOUD * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


def dialled(keys: str) -> Samples:
    """Keys as a phone says them by tones (DTMF), each for 120 ms; silence follows each, and more the last."""
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    pad, rest = "123456789*0#", np.zeros(round(0.1 * RATE), np.int16)
    places = [divmod(pad.index(key), 3) for key in keys]
    sounds = [(tone(rows[row], 0.12) // 3 + tone(columns[column], 0.12) // 3, rest) for row, column in places]
    return np.concatenate([part for sound in sounds for part in sound] + [rest, rest])


def noise(seconds: float, seed: int) -> Samples:
    """Random samples that no other seed gives, by which a run knows its own audio again."""
    generator = np.random.default_rng(seed)
    return generator.integers(-LOUD, LOUD, round(seconds * RATE)).astype(np.int16)


def amplitudes(samples: Samples, hz: int, rate: int = RATE) -> NDArray[np.float64]:
    """The amplitude of one tone in each frame of 20 ms; what is left at the end is not looked at."""
    frames = _frames(samples, rate)
    length = frames.shape[1]
    probe = np.exp(-2j * np.pi * hz * np.arange(length) / rate)
    found: NDArray[np.float64] = np.abs(frames @ probe) * 2 / length
    return found


def spans(samples: Samples, hz: int, rate: int = RATE, *, least: float = LOUD / 4) -> list[Span]:
    """When a tone is there, at `least` so loud; a gap of one frame, as between two packets, is none."""
    there = amplitudes(samples, hz, rate) >= least
    there[1:-1] |= there[:-2] & there[2:]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])).astype(np.int8)))
    return [
        Span(round(start * FRAME_SECONDS, 3), round(end * FRAME_SECONDS, 3))
        for start, end in edges.reshape(-1, 2)
    ]


def seconds_of(samples: Samples, hz: int, rate: int = RATE, *, least: float = LOUD / 4) -> float:
    """For how long a tone is there in all."""
    return round(sum(span.seconds for span in spans(samples, hz, rate, least=least)), 3)


def loud(samples: Samples, rate: int = RATE, *, least: float = LOUD / 16) -> list[Span]:
    """When there is anything to hear at all, whatever it is (root mean square of a frame)."""
    return _spans(np.sqrt((_frames(samples, rate) ** 2).mean(axis=1)) >= least)


def position(samples: Samples, pattern: Samples) -> int | None:
    """Where `pattern` begins in the samples, if it is there, however loud it is (by correlation)."""
    if len(samples) < len(pattern):
        return None
    size = 1 << (len(samples) + len(pattern) - 1).bit_length()
    spectrum = np.fft.rfft(samples.astype(np.float64), size) * np.conj(
        np.fft.rfft(pattern.astype(np.float64), size)
    )
    found = np.fft.irfft(spectrum, size)[: len(samples) - len(pattern) + 1]
    best = int(np.argmax(found))
    here = samples[best : best + len(pattern)].astype(np.float64)
    likeness = found[best] / (np.linalg.norm(here) * np.linalg.norm(pattern.astype(np.float64)) or 1.0)
    return best if likeness > 0.5 else None


def _frames(samples: Samples, rate: int) -> NDArray[np.float64]:
    length = round(FRAME_SECONDS * rate)
    return samples[: len(samples) // length * length].reshape(-1, length).astype(np.float64)


def _spans(there: NDArray[np.bool_]) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])).astype(np.int8)))
    return [
        Span(round(start * FRAME_SECONDS, 3), round(end * FRAME_SECONDS, 3))
        for start, end in edges.reshape(-1, 2)
    ]


def to_ulaw(samples: Samples) -> bytes:
    """G.711 µ-law, a byte a sample."""
    return _ENCODE[samples.astype(np.int32) + 32768].tobytes()


def from_ulaw(data: bytes) -> Samples:
    """The samples that µ-law bytes stand for."""
    return _DECODE[np.frombuffer(data, dtype=np.uint8)]


def _decoding_table() -> Samples:
    code = ~np.arange(256) & 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = (((mantissa << 3) + 132) << exponent) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encoding_table() -> NDArray[np.uint8]:
    sample = np.arange(-32768, 32768)
    magnitude = np.minimum(np.abs(sample), 32635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(int) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    sign = np.where(sample < 0, 0x80, 0)
    code: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return code


_DECODE = _decoding_table()
_ENCODE = _encoding_table()
