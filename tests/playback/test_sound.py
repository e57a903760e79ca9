"""The WAV view: whatever range is asked for, it is that range of the one file."""

from __future__ import annotations

import io
import wave
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.core.policy import Audio
from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.seal.errors import DamagedContainer
from asterisk_gdpr.service.listening.playback import Listener, Review
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH, Sound, Span, survey
from tests.fakes.vault import MemoryVault
from tests.playback.world import RATE, World
from tests.seal.samples import reading

ANNA = Listener("anna", frozenset({"quality"}), "s1")
REVIEW = Review("quality", Occasion.COMPLAINT)
PLAN = ((4000, 4000, 1000), (300, 1), (2500,))


class CountingVault(MemoryVault):
    """A vault that counts how often it is read."""

    reads = 0

    def read(self, name: str, offset: int, length: int) -> bytes:
        self.reads += 1
        return super().read(name, offset, length)


def _world(plan: tuple[tuple[int, ...], ...] = PLAN) -> tuple[World, bytes]:
    world = World()
    said = world.seal("sales001", plan=plan)
    world.unlock()
    return world, said


WORLD, SAID = _world()
SOUND = WORLD.listening.open("rsales001", ANNA, REVIEW)
WHOLE = SOUND.read(0, SOUND.size)


def test_it_is_a_wav_file_of_what_was_said() -> None:
    """The whole view is a WAV file that any player reads, bit by bit what was sealed."""
    with wave.open(io.BytesIO(WHOLE)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        assert file.readframes(file.getnframes()) == SAID
    assert soundfile.info(io.BytesIO(WHOLE)).frames == sum(map(sum, PLAN))
    assert SOUND.missing == ()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(WHOLE) + 10), st.integers(0, len(WHOLE) + 10))
def test_every_range_is_a_slice(offset: int, length: int) -> None:
    """A range is the slice of the whole, across segments, generations and the header, odd bytes too."""
    assert SOUND.read(offset, length) == WHOLE[offset : offset + length]


def test_only_what_is_touched_is_opened() -> None:
    """A range opens the segments that it touches and no others."""
    vault = CountingVault()
    world = World(vault=vault)
    world.seal("sales001", plan=PLAN)
    world.unlock()
    sound = world.listening.open("rsales001", ANNA, REVIEW)
    vault.reads = 0

    sound.read(HEADER_LENGTH + 4 * 4000, 8)
    sound.read(HEADER_LENGTH + 4 * 4100, 8)

    assert vault.reads == 1


def test_a_cut_container_plays_as_silence_where_it_ends() -> None:
    """What a container lost is silence of the same length, and is said."""
    world, said = _world()
    world.vault.held["rsales001"] = world.vault.held["rsales001"][: -100 - world.closing["rsales001"]]

    sound = world.listening.open("rsales001", ANNA, REVIEW)
    whole = sound.read(0, sound.size)

    lost = 2500
    assert sound.missing == (Span((len(said) // 4 - lost) / RATE, len(said) / 4 / RATE),)
    assert world.listening.missing("rsales001") == sound.missing
    assert whole[HEADER_LENGTH:] == said[: -4 * lost] + bytes(4 * lost)


def test_a_changed_segment_plays_as_silence_and_raises_an_alarm() -> None:
    """A flipped bit silences its segment alone, and a person is told."""
    world, said = _world()
    held = bytearray(world.vault.held["rsales001"])
    held[len(held) // 30] ^= 1
    world.vault.held["rsales001"] = bytes(held)

    sound = world.listening.open("rsales001", ANNA, REVIEW)
    whole = sound.read(0, sound.size)

    assert whole[HEADER_LENGTH:] == bytes(4 * 4000) + said[4 * 4000 :]
    assert [(alarm.id, alarm.about) for alarm in world.register.alarms()] == [
        ("recording-damaged", "rsales001")
    ]


def test_a_container_without_a_header_is_damaged() -> None:
    """Where not even the header can be read, nothing is played."""
    world, _ = _world()
    world.vault.held["rsales001"] = b"something else"

    with pytest.raises(DamagedContainer):
        world.listening.open("rsales001", ANNA, REVIEW)


def test_a_recording_without_sound_is_an_empty_wav() -> None:
    """A call in which nothing was captured has a header and no frames."""
    world, _ = _world(plan=((),))

    sound: Sound = world.listening.open("rsales001", ANNA, REVIEW)

    assert sound.size == HEADER_LENGTH == len(sound.read(0, 1000))


@pytest.fixture(scope="module")
def smaller() -> tuple[World, Sound, bytes]:
    """The same call for a purpose that does without the last bit."""
    world = World()
    quality = replace(world.policy.purposes["quality"], audio=Audio.OPUS)
    world.policy = replace(world.policy, purposes={**world.policy.purposes, "quality": quality})
    world.seal("sales001", plan=PLAN)
    world.unlock()
    sound = world.listening.open("rsales001", ANNA, REVIEW)
    return world, sound, sound.read(0, sound.size)


def test_opus_is_played_as_the_same_wav_file(smaller: tuple[World, Sound, bytes]) -> None:
    """What was sealed as Opus is a WAV file as long as the lossless one, and sounds like it on each side."""
    _, _, whole = smaller
    with wave.open(io.BytesIO(whole)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    said = np.frombuffer(SAID, "<i2").reshape(-1, 2)
    assert heard.shape == said.shape
    for side in (0, 1):
        assert np.corrcoef(heard[:, side], said[:, side])[0, 1] > 0.98
        assert abs(np.corrcoef(heard[:, side], said[:, 1 - side])[0, 1]) < 0.05


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_every_range_of_opus_is_a_slice(
    smaller: tuple[World, Sound, bytes], offset: int, length: int
) -> None:
    """However somebody seeks, they hear the same."""
    _, sound, whole = smaller
    assert sound.read(offset, length) == whole[offset : offset + length]


def test_a_changed_segment_of_opus_is_silence(smaller: tuple[World, Sound, bytes]) -> None:
    """A segment of Opus that was changed plays as silence of its length, and is told of."""
    world, _, whole = smaller
    size = world.vault.size("rsales001")
    assert size is not None
    data = bytearray(world.vault.read("rsales001", 0, size))
    data[2000] ^= 1
    told: list[Span] = []
    found = survey(reading(bytes(data)), size)
    keys = {number: world.keeper.data_key("rsales001", number) for number in found.generations}
    sound = Sound(reading(bytes(data)), found, len(SAID) // 4, data_keys=keys, damaged=told.append)

    heard = sound.read(0, sound.size)
    assert heard[HEADER_LENGTH:][: 4 * 4000] == bytes(4 * 4000)
    assert heard[HEADER_LENGTH + 4 * 4000 :] == whole[HEADER_LENGTH + 4 * 4000 :]
    assert told == [Span(0.0, 0.5)]
