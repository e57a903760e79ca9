"""Whose voice is in a copy: the data subject's, everybody's, or the others' made unintelligible.

A masked voice is noise as loud as the voice was in each quarter of a second: who spoke when can be heard,
and nothing of what was said, nor by whom (Art. 15(4) GDPR).
"""

from __future__ import annotations

import io

import numpy as np
import soundfile

from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.service.sealing.audio import CHANNELS

WINDOW = 0.25
"""Seconds of one loudness: far longer than a sound of speech, far shorter than a sentence."""


def flac_of(frames: bytes, rate: int, voices: Voices) -> bytes:
    """FLAC of stereo frames (signed 16-bit little-endian; left is the data subject) with these voices."""
    sound = np.frombuffer(frames, "<i2").reshape(-1, CHANNELS)
    match voices:
        case Voices.CALLER:
            sound = sound[:, 0]
        case Voices.MASKED:
            sound = np.column_stack([sound[:, 0], mask(sound[:, 1], rate)])
        case Voices.BOTH:
            pass
    stream = io.BytesIO()
    soundfile.write(stream, sound, rate, format="FLAC", subtype="PCM_16")
    return stream.getvalue()


def others_side(frames: bytes, rate: int) -> bytes:
    """FLAC of what everybody but the caller says, of stereo frames as `flac_of` takes them."""
    stream = io.BytesIO()
    sound = np.frombuffer(frames, "<i2").reshape(-1, CHANNELS)[:, 1]
    soundfile.write(stream, sound, rate, format="FLAC", subtype="PCM_16")
    return stream.getvalue()


def wav_of(flac: bytes) -> bytes:
    """The same sound as a WAV file."""
    sound, rate = soundfile.read(io.BytesIO(flac), dtype="int16")
    stream = io.BytesIO()
    soundfile.write(stream, sound, rate, format="WAV", subtype="PCM_16")
    return stream.getvalue()


def mask(voice: np.ndarray, rate: int) -> np.ndarray:
    """Noise as loud as a voice (int16 samples) in each window; what it is made of does not matter."""
    window = max(1, int(WINDOW * rate))
    noise = np.random.default_rng().uniform(-1, 1, len(voice))
    masked = np.zeros(len(voice), np.int16)
    for start in range(0, len(voice), window):
        part = voice[start : start + window].astype(np.float64)
        loud = np.sqrt(np.mean(part**2)) * np.sqrt(3)  # uniform noise of this height is as loud
        masked[start : start + window] = np.clip(loud * noise[start : start + window], -32768, 32767)
    return masked
