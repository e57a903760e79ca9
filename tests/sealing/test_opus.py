"""Recordings that need not be lossless: what is sealed as Opus, what is not, and that nothing else moves."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from asterisk_gdpr.core.policy import Audio, Policy
from asterisk_gdpr.core.recording import Codec, State
from asterisk_gdpr.errors import Damaged
from asterisk_gdpr.seal.reader import scan
from asterisk_gdpr.seal.segments import opus_length, padded_length
from asterisk_gdpr.service.sealing import audio, job, opus, sealing
from tests.sealing.stage import POLICY, SECOND, Killed, Stage

QUALITY = replace(POLICY.purposes["quality"], audio=Audio.OPUS)
FULL = 5 * SECOND


def policy(*others: Audio) -> Policy:
    """A purpose that does without the last bit, and others."""
    more = {f"more{n}": replace(QUALITY, name=f"more{n}", audio=each) for n, each in enumerate(others)}
    return replace(POLICY, purposes={"quality": QUALITY, **more})


def codec_of(stage: Stage) -> str:
    """What the container says of itself."""
    size = stage.vault.size(stage.id)
    assert size is not None
    return scan(partial(stage.vault.read, stage.id), size).header.codec


def alike(found: bytes, expected: bytes) -> bool:
    """Whether it is as long, and the same noise: another one is not like it at all (0.0)."""
    both = [np.frombuffer(sound, "<i2").astype(float) for sound in (found, expected)]
    return len(found) == len(expected) and bool(np.corrcoef(*both)[0, 1] > 0.5)


def tone(pitch: int, seconds: float = 5, rate: int = 8000) -> np.ndarray:
    """A side with a tone in it."""
    wave = 8000 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)
    return np.asarray(wave, dtype=np.int16)


def test_where_every_purpose_does_without_the_last_bit_it_is_opus() -> None:
    """The container, its manifest and the register say so, and what is heard is what was said."""
    stage = Stage()
    stage.prepare(policy(Audio.OPUS))
    stage.talk(7)
    assert stage.close()

    sound, manifest = stage.opened()
    assert alike(sound, stage.expected()) and sound != stage.expected()
    assert manifest["codec"] == codec_of(stage) == stage.register.recording(stage.id).codec == "opus"
    assert not any(payload.startswith(b"fLaC") for payload in stage.payloads)
    lossless = Stage()
    lossless.prepare()
    lossless.talk(7)
    lossless.close()
    assert stage.vault.size(stage.id) * 2 < lossless.vault.size(lossless.id)  # type: ignore[operator]


def test_one_purpose_that_needs_every_bit_makes_it_lossless() -> None:
    """A recording for several purposes is as good as the most demanding of them."""
    stage = Stage()
    stage.prepare(policy(Audio.OPUS, Audio.LOSSLESS))
    stage.talk(7)
    stage.close()

    sound, manifest = stage.opened()
    assert sound == stage.expected()
    assert "codec" not in manifest and codec_of(stage) == "flac"


def _killed_at(step: int, done: bool) -> bool:
    """Kill a recording's first segment and close at one step; False when there is no such step."""
    stage = Stage()
    stage.fate.after, stage.fate.done = step, done
    try:
        stage.prepare(policy())
        stage.grow(SECOND + 700)
        stage.sealing.look()
        stage.sealing.tick()
        stage.close()
    except Killed:
        stage.restart()
    else:
        return False
    if stage.id in stage.register._tables.recordings and any(stage.heard):
        assert stage.state is State.SEALED or stage.close()
        assert alike(stage.opened()[0], stage.expected())
        assert codec_of(stage) == "opus"
    assert stage.register.alarms() == []
    return True


@pytest.mark.thorough
def test_killed_anywhere_an_opus_recording_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before or after any single step, it ends sealed, as Opus still, or was never captured."""
    monkeypatch.setattr(job, "SEGMENT_SECONDS", 1)
    for done in (False, True):
        steps = 0
        while _killed_at(steps, done):
            steps += 1
        assert steps > 15


def test_where_there_is_no_opus_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it cannot be encoded the sound is sealed without loss, and the recording is whole."""
    stage = Stage()
    stage.prepare(policy())
    stage.grow(FULL)
    stage.sealing.tick()
    real = opus._encoded

    def broken(side: np.ndarray, rate: int) -> bytes:
        raise opus.CannotEncode("no encoder")

    monkeypatch.setattr(opus, "_encoded", broken)
    stage.grow(FULL)
    stage.sealing.tick()
    monkeypatch.setattr(opus, "_encoded", real)
    stage.grow(SECOND)
    stage.close()

    sound, _ = stage.opened()
    assert [payload.startswith(b"fLaC") for payload in stage.payloads] == [False, True, False]
    assert alike(sound, stage.expected())
    assert sound[2 * FULL : 4 * FULL] == stage.expected()[2 * FULL : 4 * FULL]


def test_a_sealer_that_is_behind_seals_without_loss() -> None:
    """Where two segments wait there is no time for Opus: memory is given back as fast as ever."""
    stage = Stage()
    stage.prepare(policy())
    stage.grow(3 * FULL)
    for _ in range(3):
        stage.sealing.tick()
    stage.close()

    sound, _ = stage.opened()
    assert [payload.startswith(b"fLaC") for payload in stage.payloads] == [True, True, False]
    assert alike(sound, stage.expected())


def test_opus_holds_up_no_look_at_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a look at all recordings has taken long, what is encoded slowly waits for the next one."""
    monkeypatch.setattr(sealing, "LEISURE", 0.0)
    stage = Stage()
    stage.prepare(policy())
    stage.grow(FULL)
    stage.sealing.tick()
    assert stage.register.progress(stage.id).segments == 0
    stage.grow(FULL)
    stage.sealing.tick()
    assert stage.register.progress(stage.id).segments == 1

    lossless = Stage()
    lossless.prepare()
    lossless.grow(FULL)
    lossless.sealing.tick()
    assert lossless.register.progress(lossless.id).segments == 1


@pytest.mark.parametrize("rate", [8000, 16000])
def test_no_side_is_heard_on_the_other(rate: int) -> None:
    """Each side is encoded by itself: where one is silent nothing of the other is heard, not even faintly."""
    said, silence = tone(440, rate=rate), np.zeros(5 * rate, np.int16)
    left, right, its_rate = opus.decode(opus.encode(said, silence, rate))

    assert its_rate == rate
    assert len(left) == len(right) == 5 * rate
    assert np.abs(right).max() <= 1
    assert np.corrcoef(left, said)[0, 1] > 0.99


@pytest.mark.thorough
@pytest.mark.parametrize("rate", [8000, 16000])
def test_the_length_of_opus_tells_nothing_about_speech(rate: int) -> None:
    """Silence, tones, and noise as loud as can be, beside a key on the other side, have one length."""
    noise = np.random.default_rng(1).integers(-32768, 32768, 5 * rate).astype(np.int16)
    digit = tone(697, rate=rate) + tone(1209, rate=rate)
    sounds = (np.zeros(5 * rate, np.int16), tone(440, rate=rate), digit, noise)
    lengths = set()
    for left in sounds:
        encoded = audio.encode_as(Codec.OPUS, left.tobytes(), digit.tobytes(), rate)
        lengths.add(padded_length(encoded.usual, len(encoded.payload)))

    assert lengths == {opus_length(5 * rate, rate)} == {28_672}


@pytest.mark.parametrize("frames", [1, 2, 79, 80, 161, 4001])
@pytest.mark.parametrize("rate", [8000, 16000])
def test_opus_moves_no_frame(frames: int, rate: int) -> None:
    """A segment of any length comes back as long as it was."""
    leg = tone(300, 1, rate)[:frames].tobytes()
    sound, its_rate = audio.decode(audio.encode_as(Codec.OPUS, leg, leg, rate).payload, "opus")

    assert (len(sound), its_rate) == (4 * frames, rate)


def _opus(frames: int) -> bytes:
    return opus._encoded(tone(300)[:frames], 8000)


def _vorbis() -> bytes:
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, tone(300)[:1000], 8000, format="OGG", subtype="VORBIS")
    return stream.getvalue()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0\0\0\4Ogg",
        b"\0\0\0\0",
        b"\xff\xff\xff\xff" + bytes(20),
        len(_opus(800)).to_bytes(4) + _opus(800) + _opus(801),
        len(_opus(800)).to_bytes(4) + _opus(800) + _vorbis(),
        len(_opus(800)).to_bytes(4) + _opus(800),
    ],
    ids=["empty", "cut", "no streams", "too long", "unequal", "another codec", "one side"],
)
def test_what_is_no_opus_is_damage(payload: bytes) -> None:
    """Anything but two sides of Opus, equally long, is called damaged."""
    with pytest.raises(Damaged):
        audio.decode(payload, "opus")


def test_opus_in_a_lossless_container_is_damage() -> None:
    """A container that says it is lossless holds nothing else."""
    side = tone(300)[:800].tobytes()
    with pytest.raises(Damaged):
        audio.decode(audio.encode_as(Codec.OPUS, side, side, 8000).payload, "flac")
