"""What tests say of sound rests on this, so it is held against sounds that are known."""

from __future__ import annotations

import numpy as np
import pytest

from asterisk_gdpr.rig.sound import (
    LOUD,
    Span,
    amplitudes,
    from_ulaw,
    loud,
    noise,
    position,
    seconds_of,
    spans,
    to_ulaw,
    tone,
)

SILENCE = np.zeros(4000, dtype=np.int16)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_tone_is_found_where_it_is(rate: int) -> None:
    """A tone is found when it begins and when it ends, and no other tone with it."""
    quiet = np.zeros(rate // 2, dtype=np.int16)
    samples = np.concatenate((quiet, tone(400, 1.0, rate), quiet))

    assert spans(samples, 400, rate) == [Span(0.5, 1.5)]
    assert all(spans(samples, hz, rate) == [] for hz in (300, 600, 1000, 2000))


def test_two_tones_at_once_are_both_found() -> None:
    """Two people who speak at once are both heard."""
    both = (tone(400, 1.0) // 2 + tone(1000, 1.0) // 2).astype(np.int16)

    assert seconds_of(both, 400) == seconds_of(both, 1000) == 1.0


def test_a_lost_packet_does_not_cut_a_tone_in_two() -> None:
    """One missing frame is no gap, two are."""
    samples = tone(400, 1.0)
    samples[4000:4160] = 0
    assert spans(samples, 400) == [Span(0.0, 1.0)]

    samples[4000:4320] = 0
    assert len(spans(samples, 400)) == 2


def test_the_amplitude_is_that_of_the_tone() -> None:
    """The amplitude of a tone is told as it was made."""
    assert amplitudes(tone(1000, 0.1), 1000) == pytest.approx(LOUD, rel=0.01)


def test_anything_audible_is_loud() -> None:
    """Noise is heard as well as a tone, and silence is not."""
    assert loud(np.concatenate((SILENCE, noise(0.5, seed=1), SILENCE))) == [Span(0.5, 1.0)]
    assert loud(SILENCE) == []


def test_a_pattern_is_found_to_the_sample() -> None:
    """A pattern is found where it begins, also when it has become quieter, and another one is not."""
    pattern = noise(0.25, seed=1)
    samples = np.concatenate((SILENCE, from_ulaw(to_ulaw(pattern // 4)), SILENCE))

    assert position(samples, pattern) == len(SILENCE)
    assert position(samples, noise(0.25, seed=2)) is None
    assert position(pattern[:100], pattern) is None


def test_ulaw_is_what_the_standard_says() -> None:
    """The codes of G.711: silence is 0xff, the loudest are 0x80 and 0x00, and every code means itself."""
    assert to_ulaw(np.array([0, 32767, -32768], dtype=np.int16)) == b"\xff\x80\x00"
    assert from_ulaw(b"\xff\x80\x00\xf0").tolist() == [0, 32124, -32124, 120]
    codes = bytes(code for code in range(256) if code != 0x7F)
    assert to_ulaw(from_ulaw(codes)) == codes
