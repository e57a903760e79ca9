"""The WAV view: whatever range is asked for, it is that range of the one file."""

from __future__ import annotations

import io
import wave

import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.seal.errors import DamagedContainer
from asterisk_gdpr.service.listening.playback import Listener, Review
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH, Sound, Span
from tests.fakes.vault import MemoryVault
from tests.playback.world import RATE, World

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
