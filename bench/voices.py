"""Two people who talk in turn, read by a machine: sound that compresses as that of real calls does."""

from __future__ import annotations

import numpy as np

from asterisk_gdpr.adapters.speech import Espeak
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.sound import RATE, Samples, from_ulaw, to_ulaw
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
    """One turn of each, the other silent but for a line's noise, as µ-law leaves it; equally long, 8 kHz."""
    left, right = voices(programs)
    return from_ulaw(left), from_ulaw(right)


def voices(programs: Programs) -> tuple[bytes, bytes]:
    """The same as it is sent: µ-law, in whole frames of 20 ms."""
    espeak = Espeak([str(programs.espeak)], {"en": "en-gb"}, 175)
    caller, agent = (
        np.frombuffer(espeak.speak(text, "en", RATE), "<i2").astype(np.int32) for text in (_CALLER, _AGENT)
    )
    length = (len(caller) + len(agent)) // FRAME * FRAME
    left, right = np.random.default_rng(1).integers(-12, 13, (2, length))
    left[: len(caller)] += caller
    right[len(caller) :] += agent[: length - len(caller)]
    return to_ulaw(left.astype(np.int16)), to_ulaw(right.astype(np.int16))
