"""What a headset says and hears, packet by packet."""

from __future__ import annotations

import struct
import time

import numpy as np

from asterisk_gdpr.rig.codec import ULAW
from asterisk_gdpr.rig.headset import Ear, Mouth, Switchboard
from asterisk_gdpr.rig.sound import from_ulaw, noise, seconds_of, to_ulaw, tone

START = 1_000_000.0


def packet(payload: bytes, kind: int = 0) -> bytes:
    """An RTP packet."""
    return struct.pack("!BBHII", 0x80, kind, 1, 1, 1) + payload


def test_a_voice_goes_on_and_on_without_a_seam() -> None:
    """A sound that is shorter than a call is said again from its beginning, to the sample."""
    mouth, sound = Mouth(ULAW), noise(0.05, seed=1)
    mouth.say(sound)

    said = b"".join(mouth.packet()[12:] for _ in range(5))

    assert said == to_ulaw(np.concatenate((sound, sound)))


def test_packets_follow_each_other() -> None:
    """Each packet is one sequence number and 160 samples after the one before it."""
    mouth = Mouth(ULAW)
    first, second = (struct.unpack("!BBHII", mouth.packet()[:12]) for _ in range(2))

    assert (second[2] - first[2]) % (1 << 16) == 1
    assert (second[3] - first[3]) % (1 << 32) == 160


def test_a_mouth_begins_behind_the_number_that_it_is_given() -> None:
    """The first packet is one sequence number behind the one that was asked for, around the end as well."""
    firsts = [struct.unpack("!BBH", Mouth(ULAW, number).packet()[:4])[2] for number in (99, 65535)]

    assert firsts == [100, 0]


def test_jitter_is_played_out() -> None:
    """Packets that come a little early or late follow each other without gaps."""
    ear, coded = Ear(ULAW), to_ulaw(tone(400, 1.0))
    for n in range(50):
        late = (0.0, 0.015, -0.01, 0.03)[n % 4]
        ear.hear(START + 0.02 * n + late, packet(coded[160 * n : 160 * (n + 1)]))

    heard = ear.between(START, START + 1.1)

    assert len(heard) == 8800
    assert np.array_equal(heard[:8000], from_ulaw(coded))


def test_dead_air_takes_its_time() -> None:
    """When nothing arrives for a while, what comes after it is heard after it."""
    ear, coded = Ear(ULAW), to_ulaw(tone(400, 0.02))
    for n in [*range(10), *range(60, 70)]:
        ear.hear(START + 0.02 * n, packet(coded))
    heard = ear.between(START, START + 2.0)

    assert seconds_of(heard, 400) == 0.4
    assert seconds_of(heard[: 8000 * 6 // 5], 400) == 0.2


def test_what_is_no_audio_is_not_heard() -> None:
    """Packets of other kinds, cut ones, and what lies outside the time asked for make no sound."""
    ear = Ear(ULAW)
    ear.hear(START, packet(b"\x05\x0a\x00\xa0", kind=101))
    ear.hear(START, b"\x80\x00")
    ear.hear(START - 5, packet(b"\x00" * 160))
    ear.hear(START + 5, packet(b"\x00" * 160))

    assert not ear.between(START, START + 1).any()


def test_two_headsets_hear_each_other() -> None:
    """A headset says 50 packets a second to the port that it is connected to, and hears what comes."""
    switchboard = Switchboard()
    try:
        one, two = switchboard.headset(), switchboard.headset()
        one.mouth.say(tone(400, 1.0))
        start = time.time()
        one.connect(two.port)
        time.sleep(0.25)
        switchboard.hang_up(one)
        switchboard.hang_up(one)

        assert 0.15 <= seconds_of(two.ear.between(start, time.time()), 400) <= 0.3
        assert not one.ear.between(start, time.time()).any()
    finally:
        switchboard.close()
