"""The self-test's ears and telephones."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from asterisk_gdpr.adapters.rtp_phone import FRAME, rtp_phone, to_ulaw
from asterisk_gdpr.rig.codec import ULAW
from asterisk_gdpr.rig.sound import noise, tone
from asterisk_gdpr.service.self_test.likeness import ENOUGH, has_tone, likeness

SILENCE = bytes(16000)


def speech(seed: int, seconds: float = 1.0) -> bytes:
    """Something that sounds like nothing else."""
    return noise(seconds, seed).tobytes()


def test_a_prompt_is_found_wherever_it_was_heard() -> None:
    """What was heard is found after silence, between other sounds, and through a telephone's coding."""
    said, other = speech(1), speech(2)
    coded = np.frombuffer(said, "<i2")
    through = ULAW.decode(ULAW.encode(coded)).astype("<i2").tobytes()

    for heard in (said, SILENCE + said, other + said + other, SILENCE + through + SILENCE):
        assert likeness(heard, said) >= 0.95


@pytest.mark.parametrize(
    "heard",
    [
        b"",
        SILENCE,
        SILENCE * 3,
        speech(2),
        speech(1)[:8000],
        speech(1)[:8000] + SILENCE,
        tone(700, 2).tobytes(),
    ],
)
def test_what_was_not_said_is_not_heard(heard: bytes) -> None:
    """Nothing, silence, another prompt, half a prompt and a tone are each not the prompt."""
    assert likeness(heard, speech(1)) < ENOUGH


def test_silence_is_like_nothing() -> None:
    """A prompt that says nothing is never heard, even where nothing was to be heard."""
    assert likeness(SILENCE * 2, SILENCE) == 0.0
    assert likeness(speech(1), b"") == 0.0


def test_a_tone_is_told_from_another() -> None:
    """A tone is recognised by its pitch, and not in silence or under a louder one."""
    both = tone(440, 1.0) // 4 + tone(1000, 1.0)
    assert has_tone(tone(440, 0.5).tobytes(), 440)
    assert not has_tone(tone(440, 0.5).tobytes(), 1000)
    assert not has_tone(both.astype("<i2").tobytes(), 440)
    assert not has_tone(SILENCE, 440)
    assert not has_tone(tone(440, 0.1).tobytes(), 440)


def test_ulaw_is_that_of_the_standard() -> None:
    """Samples become the byte that another encoder gives, or one that means the same."""
    samples = np.arange(-32000, 32000, 37).astype(np.int16)
    ours = ULAW.decode(to_ulaw(samples))
    theirs = ULAW.decode(ULAW.encode(samples))

    assert np.max(np.abs(ours.astype(int) - samples)) <= np.max(np.abs(theirs.astype(int) - samples))


@pytest.mark.thorough
async def test_a_telephone_hears_and_speaks() -> None:
    """A telephone answers where it was called from, with the tone that it says, and hears what is sent."""
    async with rtp_phone() as one, rtp_phone() as two:
        one._peer = ("127.0.0.1", two.port)  # as a first packet from there would tell
        one.say(440)
        two.say(1000)
        for _ in range(100):
            await asyncio.sleep(0.05)
            if min(len(one.heard()), len(two.heard())) >= 50 * 2 * FRAME:
                break

        assert has_tone(two.heard()[-8000:], 440)
        assert has_tone(one.heard()[-8000:], 1000)


async def test_a_telephone_leaves_alone_what_is_no_sound() -> None:
    """Packets that are too short or of another kind are no sound, and harm nothing."""
    async with rtp_phone() as phone:
        for data in (b"", b"x", bytes(12), bytes([0x80, 101]) + bytes(180)):
            phone.datagram_received(data, ("127.0.0.1", 9))
        assert phone.heard() == b""
