"""Voices: espeak-ng for every text that nobody has read in a studio, and sound files of those that were.

Telephone sound comes in two widths, 8 and 16 kHz. Both are made from one source by soxr, trimmed, and
brought to one level, so that a machine's and a person's prompts are equally loud.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import soundfile
import soxr

from asterisk_gdpr.errors import Refused, Unreachable

_LEVEL = 10 ** (-20 / 20)
"""RMS of the spoken part in full scale: as loud as Asterisk's own prompts."""

_PEAK = 10 ** (-1 / 20)
"""What no sample exceeds, whatever the level asks for."""

_SILENCE = 0.01
"""Below this share of the peak, the beginning and the end are silence."""

_LEAD, _TAIL = 0.06, 0.12
"""Seconds of silence that stay before the first and after the last sound."""

_PATIENCE = 60.0
"""Seconds for one text; a minute of speech takes a few hundredths of that."""

_RATES = range(8000, 96_001)
_MOST_CHANNELS = 2

_LONGEST = 300.0
"""Seconds of a sound file that is read: nobody listens to a longer part."""


class Espeak:
    """The voice of espeak-ng: robotic, offline, in nearly every language."""

    def __init__(self, command: Sequence[str], voices: Mapping[str, str], speed: int) -> None:
        """`command` runs espeak-ng, `voices` names its voice by language, `speed` is in words a minute."""
        self._command = tuple(command)
        self._voices = dict(voices)
        self._speed = speed

    @cached_property
    def name(self) -> str:
        """Engine, version, voices and speed: the same name says the same text in the same way."""
        version = self._run(["--version"], b"").decode("utf-8", "replace")
        number = version.partition(":")[2].split() or ["?"]
        voices = " ".join(f"{language}={voice}" for language, voice in sorted(self._voices.items()))
        return f"espeak-ng {number[0]} {voices} {self._speed}"

    def speak(self, text: str, language: str, rate: int) -> bytes:
        """The text as signed 16-bit little-endian mono samples at `rate` Hz.

        Raises `Refused` when there is no voice for the language, `Unreachable` when espeak-ng cannot be run.
        """
        voice = self._voices.get(language)
        if voice is None:
            raise Refused(
                f"There is no voice for the language `{language}`.",
                hint="Name one in the configuration: speech.voices.",
                id="no-voice",
            )
        wave = self._run(["--stdin", "--stdout", "-v", voice, "-s", str(self._speed)], text.encode())
        samples, source = soundfile.read(io.BytesIO(wave), dtype="float32", always_2d=True)
        return _finished(samples, source, rate)

    def _run(self, arguments: Sequence[str], text: bytes) -> bytes:
        try:
            done = subprocess.run(
                [*self._command, *arguments], input=text, capture_output=True, timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            raise Unreachable(
                f"The program {self._command[0]} cannot be run.",
                hint="Install espeak-ng, or name it in the configuration: speech.command.",
                id="no-speech",
            ) from None
        if done.returncode != 0 or not done.stdout:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise Refused(
                f"{self._command[0]} could not speak: {said[0] if said else 'it said nothing'}.",
                hint="Look at speech.command and speech.voices in the configuration.",
                id="speech-failed",
            )
        return done.stdout


def read_voice(file: Path | bytes, rate: int) -> bytes:
    """A sound file (WAV, FLAC) as signed 16-bit little-endian mono samples at `rate` Hz.

    Raises `Refused` when it is no sound, silent, or longer than five minutes. What a file says of itself is
    not believed: it is read second by second, and no further than that.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(file) if isinstance(file, bytes) else file) as sound:
            source = sound.samplerate
            if source not in _RATES or sound.channels > _MOST_CHANNELS:
                raise _no_sound(f"{source} Hz on {sound.channels} channels")
            mono = _read(sound)
    except (soundfile.SoundFileError, OSError):
        raise _no_sound("") from None
    if len(mono) > _LONGEST * source:
        raise Refused("This file is longer than five minutes.", hint="Cut it.", id="sound-too-long")
    if not np.isfinite(mono).all() or np.abs(mono).max(initial=0.0) < 0.001:
        raise Refused("This file is silent.", hint="Record it again.", id="sound-silent")
    return _finished(mono[:, np.newaxis], source, rate)


def _read(sound: soundfile.SoundFile) -> np.ndarray:
    """At most a little more than is taken, as one channel."""
    pieces = []
    for _ in range(int(_LONGEST) + 1):
        piece = sound.read(sound.samplerate, dtype="float32", always_2d=True)
        if not len(piece):
            break
        pieces.append(piece.mean(axis=1))
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32)


def _no_sound(what: str) -> Refused:
    said = f" ({what})" if what else ""
    hint = "Give a WAV or FLAC file of one or two channels, at 8 to 96 kHz."
    return Refused(f"This is not a sound file that can be read{said}.", hint=hint, id="no-sound")


def _finished(samples: np.ndarray, source: int, rate: int) -> bytes:
    mono = samples.mean(axis=1)
    narrow = np.asarray(soxr.resample(mono, source, rate, quality="HQ"), dtype=np.float32)
    spoken = _trimmed(narrow, rate)
    level = float(np.sqrt(np.mean(spoken**2)))
    peak = float(np.abs(spoken).max())
    gain = min(_LEVEL / level, _PEAK / peak)
    return bytes(np.round(spoken * gain * 32767).astype("<i2").tobytes())


def _trimmed(samples: np.ndarray, rate: int) -> np.ndarray:
    loud = np.flatnonzero(np.abs(samples) > _SILENCE * np.abs(samples).max())
    first = max(0, int(loud[0]) - int(_LEAD * rate))
    last = int(loud[-1]) + 1 + int(_TAIL * rate)
    return samples[first:last]
