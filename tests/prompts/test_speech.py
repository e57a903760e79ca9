"""What every voice must do, the humming one of the tests and espeak-ng alike; and sound files."""

from __future__ import annotations

import io
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asterisk_gdpr.adapters.speech import Espeak, read_voice
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import Speech
from tests.fakes.speech import Hum

TEXT = "We record this call to check our service."


def humming() -> Speech:
    """The fake."""
    return Hum()


def speaking() -> Speech:
    """espeak-ng as the bench fetches it."""
    from asterisk_gdpr.rig.debian import programs

    return Espeak([str(programs().espeak)], {"en": "en-gb", "de": "de"}, 175)


@pytest.fixture(params=[humming, pytest.param(speaking, marks=pytest.mark.live)])
def voice(request: pytest.FixtureRequest) -> Speech:
    """Each voice in turn."""
    made: Callable[[], Speech] = request.param
    return made()


def samples(sound: bytes) -> np.ndarray:
    """Sound as numbers between -1 and 1."""
    return np.frombuffer(sound, dtype="<i2").astype(float) / 32768


def test_a_text_is_spoken_in_both_widths(voice: Speech) -> None:
    """The same text lasts the same in both widths, and is neither silent nor clipped."""
    narrow, wide = (samples(voice.speak(TEXT, "en", rate)) for rate in (8000, 16000))

    assert abs(len(narrow) / 8000 - len(wide) / 16000) < 0.01
    for sound in (narrow, wide):
        assert 0.02 < np.sqrt(np.mean(sound**2)) < 0.2
        assert np.abs(sound).max() < 1.0


def test_a_text_is_always_spoken_alike(voice: Speech) -> None:
    """The same engine says the same text in the same way, to the last sample."""
    assert voice.speak(TEXT, "en", 8000) == voice.speak(TEXT, "en", 8000)
    assert voice.speak(TEXT, "en", 8000) != voice.speak(TEXT + " More.", "en", 8000)


def test_a_language_without_a_voice_is_refused(voice: Speech) -> None:
    """Nobody is spoken to in a voice of another language."""
    with pytest.raises(Refused) as caught:
        voice.speak(TEXT, "xx", 8000)

    assert caught.value.id == "no-voice"


def test_a_voice_has_a_name(voice: Speech) -> None:
    """The name tells engine and version, and does not change."""
    assert voice.name == voice.name
    assert any(sign.isdigit() for sign in voice.name)


@pytest.mark.live
def test_an_unknown_voice_is_refused() -> None:
    """A voice that espeak-ng does not have is an error that says so, not silence."""
    from asterisk_gdpr.rig.debian import programs

    with pytest.raises(Refused) as caught:
        Espeak([str(programs().espeak)], {"en": "nonsense"}, 175).speak(TEXT, "en", 8000)

    assert caught.value.id == "speech-failed"


def test_a_program_that_is_not_there_cannot_be_reached() -> None:
    """Without espeak-ng there is an error with a way out."""
    with pytest.raises(Unreachable) as caught:
        Espeak(["/nowhere/espeak-ng"], {"en": "en"}, 175).speak(TEXT, "en", 8000)

    assert caught.value.hint


def test_a_sound_file_becomes_a_prompt(tmp_path: Path) -> None:
    """A stereo studio file is mixed, resampled, trimmed and brought to the level of the others."""
    time = np.arange(44100) / 44100
    tone = 0.05 * np.sin(2 * np.pi * 400 * time)
    stereo = np.stack([np.concatenate([np.zeros(44100), tone, np.zeros(44100)])] * 2, axis=1)
    path = tmp_path / "voice.flac"
    soundfile.write(path, stereo, 44100)

    for rate in (8000, 16000):
        sound = samples(read_voice(path, rate))

        assert 1.1 < len(sound) / rate < 1.25
        assert abs(np.sqrt(np.mean(sound**2)) - 0.1) < 0.005
        assert np.abs(np.fft.rfft(sound)).argmax() * rate / len(sound) == pytest.approx(400, abs=2)


@pytest.mark.parametrize(
    ("content", "id"),
    [
        (None, "no-sound"),
        (b"no sound", "no-sound"),
        (np.zeros(8000), "sound-silent"),
        (np.zeros(0), "sound-silent"),
    ],
)
def test_what_is_no_voice_is_refused(tmp_path: Path, content: bytes | np.ndarray | None, id: str) -> None:
    """A file that is missing, no sound, empty or silent is an error, never a prompt."""
    path = tmp_path / "voice.wav"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        soundfile.write(path, content, 8000)

    with pytest.raises(Refused) as caught:
        read_voice(path, 8000)

    assert caught.value.id == id


def test_an_endless_file_is_refused(tmp_path: Path) -> None:
    """A file longer than five minutes is no part of a notice."""
    path = tmp_path / "voice.wav"
    soundfile.write(path, np.full(301 * 8000, 0.1), 8000)

    with pytest.raises(Refused) as caught:
        read_voice(path, 8000)

    assert caught.value.id == "sound-too-long"


def _flac(seconds: int, rate: int = 96_000) -> bytes:
    """A file of a few kilobytes that says that it lasts for so long: constant sound packs to nothing."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", rate, 1, "PCM_16", format="FLAC") as sound:
        for _ in range(seconds):
            sound.write(np.full(rate, 0.25))
    return file.getvalue()


def _wav(frames: int, rate: int, channels: int) -> bytes:
    """A file with almost no sound whose head promises more than a machine has memory for."""
    width = 2 * channels
    head = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * width % 2**32, width % 2**16, 16)
    size = min(frames * width, 2**32 - 64)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + size)
        + b"WAVEfmt "
        + head
        + b"data"
        + struct.pack("<I", size)
        + b"\1" * 64
    )


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"RIFF",
        b"PK\3\4" + b"\0" * 100,
        b"<svg onload=alert(1)>",
        _wav(2**31, 2**31 - 1, 2),
        _wav(2**30, 48_000, 1024),
        _wav(2**30, 1, 1),
    ],
)
def test_a_file_that_lies_costs_nothing(file: bytes) -> None:
    """What a file promises is not made room for; what is no sound is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as caught:
            read_voice(file, 8000)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.id == "no-sound"


def test_a_small_file_that_never_ends_is_read_no_further_than_it_may() -> None:
    """A file of kilobytes that unpacks to hours is refused after five minutes of it."""
    file = _flac(400, 8000)
    assert len(file) < 200_000
    with pytest.raises(Refused) as caught:
        read_voice(file, 8000)
    assert caught.value.id == "sound-too-long"
