"""What the disk scanner finds, and what it does not."""

from __future__ import annotations

import os
import wave
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asterisk_gdpr.rig.sound import Samples, from_ulaw, noise, to_ulaw
from asterisk_gdpr.rig.traces import (
    Trace,
    audio_needles,
    number_needle,
    secret_needle,
    traces,
    traces_unlinked,
)

PATTERN = noise(0.5, seed=1)
SECRET = bytes(range(40, 72))
HEARD = from_ulaw(to_ulaw(PATTERN))
NEEDLES = audio_needles("the voice", PATTERN)


def write_raw(path: Path, samples: Samples) -> None:
    """Samples without a header, from somewhere in the middle of them."""
    path.write_bytes(samples[777:].astype("<i2").tobytes())


def write_ulaw(path: Path, samples: Samples) -> None:
    """A byte a sample."""
    path.write_bytes(to_ulaw(samples))


def write_wav(path: Path, samples: Samples) -> None:
    """A WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.astype("<i2").tobytes())


def write_flac(path: Path, samples: Samples) -> None:
    """A FLAC stream in the right channel, within other bytes."""
    soundfile.write(path, np.column_stack((np.zeros_like(samples), samples)), 8000, format="FLAC")
    path.write_bytes(b"header" + path.read_bytes())


def write_stereo(path: Path, samples: Samples) -> None:
    """A WAV file with the voice in its left channel, after a header of an odd length."""
    soundfile.write(path, np.column_stack((samples, noise(0.5, seed=3))), 8000, format="WAV")
    path.write_bytes(b"odd" + path.read_bytes())


def write_stereo_ulaw(path: Path, samples: Samples) -> None:
    """µ-law, two channels, the voice in the right one."""
    coded = np.frombuffer(to_ulaw(samples), np.uint8)
    path.write_bytes(np.column_stack((coded[::-1], coded)).tobytes())


FORMS = [write_raw, write_ulaw, write_wav, write_flac, write_stereo, write_stereo_ulaw]


@pytest.mark.parametrize("write", FORMS)
def test_a_voice_is_found_in_any_form(tmp_path: Path, write: object) -> None:
    """The voice of this run is found raw, in µ-law, WAV and FLAC, in either channel; a stranger's is not."""
    assert callable(write)
    write(tmp_path / "found", HEARD)
    write(tmp_path / "other", from_ulaw(to_ulaw(noise(0.5, seed=2))))

    assert {trace.path.name for trace in traces(tmp_path, NEEDLES)} == {"found"}


NOTATIONS = [
    "+4915112345678",
    "004915112345678",
    "015112345678",
    "15112345678",
    "+49 151 12345678",
    "+49 (0)151 1234-5678",
    "0151/12 34 56 78",
    "0151.1234.5678",
    "tel:+49-151-12345678",
    "%2B49151%2012345678",
]


@pytest.mark.parametrize("text", NOTATIONS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_number_is_found_as_people_write_it(tmp_path: Path, text: str, encoding: str) -> None:
    """A number is found in each of its usual notations."""
    path = tmp_path / "log"
    path.write_bytes(f"caller {text} called".encode(encoding))

    found = traces(tmp_path, [number_needle("the caller's number", "+4915112345678")])

    assert found == [Trace(path, "the caller's number")]


@pytest.mark.parametrize("written", [SECRET, SECRET.hex().encode(), b"x" + b64encode(SECRET)])
def test_a_secret_is_found_as_programs_write_it(tmp_path: Path, written: bytes) -> None:
    """A key is found as bytes, in hexadecimal digits and in base64."""
    (tmp_path / "file").write_bytes(b"key: " + written + b";")

    assert len(traces(tmp_path, [secret_needle("the key", SECRET)])) == 1
    assert traces(tmp_path, [secret_needle("another", bytes(32))]) == []


def test_only_what_was_written_since_and_is_not_left_out(tmp_path: Path) -> None:
    """Files from before, and those that are spoken of elsewhere, are not looked at."""
    for name in ("old", "new", "logs/left-out"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        write_raw(path, HEARD)
    os.utime(tmp_path / "old", (100, 100))

    found = traces(tmp_path, NEEDLES, since=200, leave_out=[tmp_path / "logs"])

    assert {trace.path.name for trace in found} == {"new"}
    assert len(traces(tmp_path, NEEDLES)) > len(traces(tmp_path, NEEDLES, deep=False))


def test_an_unlinked_file_is_on_the_disk_as_long_as_it_is_open(tmp_path: Path) -> None:
    """What a process has unlinked and holds open still lies on the disk, and is looked at."""
    needles = [number_needle("the number", "+4915112345678")]
    path = tmp_path / "unlinked"
    with path.open("wb+", buffering=0) as held:
        held.write(b"+4915112345678")
        assert traces_unlinked(os.getpid(), needles) == []
        path.unlink()
        (found,) = traces_unlinked(os.getpid(), needles)

    assert found.name == "the number"
    assert traces_unlinked(os.getpid(), needles) == []


def test_nothing_is_found_in_nothing(tmp_path: Path) -> None:
    """Files too short to hold anything break no search."""
    for length in range(5):
        (tmp_path / str(length)).write_bytes(bytes(length))

    assert traces(tmp_path, NEEDLES) == []
