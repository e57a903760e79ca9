"""Two people who talk in turn, read by a machine: sound that compresses as that of real calls does."""

from __future__ import annotations

import numpy as np

from asterisk_gdpr.adapters.speech import Espeak
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.sound import RATE, Samples, to_ulaw
from bench.sip import FRAME

_CALLER = (
    "Good morning. I am calling about the bill that I received last week, because I think that the meter was "
    "read wrongly. It says four thousand units, but when I look at it now it shows not even three thousand. "
    "I have the letter in front of me, if you need the number that is printed on it."
)
_AGENT = (
    "Good morning, thank you for calling. I am sorry about that, let us look at it together. Yes, please "
    "read me the number at the top on the right, and then tell me what the meter shows today. I will write "
    "it down, and you will have a corrected bill by the end of the week."
)


def dialogue(programs: Programs) -> tuple[Samples, Samples]:
    """One turn of each, the other silent but for the noise of a line; equally long, 8000 samples a second."""
    espeak = Espeak([str(programs.espeak)], {"en": "en-gb"}, 175)
    caller, agent = (
        np.frombuffer(espeak.speak(text, "en", RATE), "<i2").astype(np.int32) for text in (_CALLER, _AGENT)
    )
    noise = np.random.default_rng(1).integers(-12, 13, (2, len(caller) + len(agent)))
    left, right = noise[0], noise[1]
    left[: len(caller)] += caller
    right[len(caller) :] += agent
    return left.astype(np.int16), right.astype(np.int16)


def voices(programs: Programs) -> tuple[bytes, bytes]:
    """The same in µ-law, in whole frames of 20 ms."""
    left, right = dialogue(programs)
    return _whole_frames(left), _whole_frames(right)


def _whole_frames(samples: Samples) -> bytes:
    return to_ulaw(samples[: len(samples) // FRAME * FRAME])
