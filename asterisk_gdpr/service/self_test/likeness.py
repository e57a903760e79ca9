"""Whether something was heard: sound compared with sound, wherever in what was heard it lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 8000

ENOUGH = 0.8
"""From this likeness on, a prompt counts as heard: telephone coding leaves 0.99 of it, another prompt 0.3."""

_QUIET = 50.0
"""RMS below which nothing is said."""


def likeness(heard: bytes, expected: bytes) -> float:
    """How much of `expected` (samples at 8 kHz) is in `heard`: 1 is all of it, 0 nothing.

    Silence is like nothing.
    """
    wanted, got = _samples(expected), _samples(heard)
    if len(wanted) == 0 or len(got) < len(wanted) or rms(expected) < _QUIET:
        return 0.0
    size = 1 << (len(got) + len(wanted) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(got, size) * np.conj(np.fft.rfft(wanted, size)), size)
    places = len(got) - len(wanted) + 1
    energy = np.concatenate([[0.0], np.cumsum(got * got)])
    around = energy[len(wanted) :] - energy[:places]
    floor = len(wanted) * _QUIET * _QUIET
    scale = np.sqrt(np.maximum(around, floor)) * np.sqrt(float(np.sum(wanted * wanted)))
    return float(np.clip(np.max(product[:places] / scale), 0.0, 1.0))


def rms(sound: bytes) -> float:
    """How loud it is on the whole."""
    samples = _samples(sound)
    return float(np.sqrt(np.mean(samples * samples))) if len(samples) else 0.0


def has_tone(sound: bytes, hz: int) -> bool:
    """Whether a tone is what is said in it, above everything else."""
    samples = _samples(sound)
    if len(samples) < RATE // 4 or rms(sound) < _QUIET:
        return False
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    loudest = float(np.argmax(spectrum)) * RATE / len(samples)
    return abs(loudest - hz) < 10


def _samples(sound: bytes) -> NDArray[np.float64]:
    return np.frombuffer(sound[: len(sound) // 2 * 2], "<i2").astype(np.float64)
