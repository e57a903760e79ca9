"""From INVITE to the first sound of the notice, as the caller's phone hears it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from bench.figure import Line, Run, Target, alternating, median, milliseconds, ratio
from bench.house import VOICE, live_house
from bench.softphones import Softphones

TITLE = "INVITE to first sound of the notice"
RIVAL = "Answer + Playback of the same prompt"

_SETTLE = 0.15
"""Seconds after each call, in which the product writes down its end."""


def measure(run: Run) -> Iterable[Line]:
    """Calls in turn to both lines; each hangs up once it has heard something."""
    times: dict[str, list[float]] = {"notice": [], "plain-notice": []}
    with live_house(listening=True) as (_, phones):
        for extension in alternating(3, *times):
            _first_sound(phones, extension)
        for extension in alternating(run.pick(100, 20), *times):
            times[extension].append(_first_sound(phones, extension))
    ours, rival = times.values()
    yield Line(
        TITLE,
        milliseconds(ours),
        f"Playback {milliseconds(rival)}",
        ratio(median(ours), median(rival)),
        Target(1.6),
    )


def _first_sound(phones: Softphones, extension: str) -> float:
    call = phones.call(extension, voice=VOICE)
    phones.wait(lambda: call.first_sound_at is not None or call.ended_at is not None, 5, "the first sound")
    phones.hang_up(call)
    time.sleep(_SETTLE)
    assert call.sent_at is not None and call.first_sound_at is not None, "the call ended unheard"
    return call.first_sound_at - call.sent_at
