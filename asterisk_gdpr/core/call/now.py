"""A call as people see it while it goes on: whether it is recorded, and if not, why not."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from asterisk_gdpr.core.call.state import Call, Capture


class Light(StrEnum):
    """What the recording of a call does now."""

    OFF = "off"
    """There is none."""
    PREPARING = "preparing"
    ON = "on"
    MUTED = "muted"
    STOPPED = "stopped"


class Because(StrEnum):
    """Why it is muted or has stopped."""

    ALONE = "alone"
    """Nobody is with the caller yet, or any more."""
    PAUSED = "paused"
    HOLD = "hold"
    NOT_CLEARED = "not_cleared"
    """Somebody is there who has not permitted it."""
    WITHDRAWN = "withdrawn"
    NOTHING = ""


class Seen(NamedTuple):
    """Both together."""

    light: Light
    because: Because = Because.NOTHING


def seen(call: Call) -> Seen:
    """What to show of a call; in the order in which the gate of the machine asks."""
    match call.capture:
        case Capture.NONE:
            return Seen(Light.OFF)
        case Capture.PREPARING | Capture.STARTING:
            return Seen(Light.PREPARING)
        case Capture.OPEN:
            return Seen(Light.ON)
        case Capture.STOPPED:
            return Seen(Light.STOPPED, Because.WITHDRAWN if call.withdrawn else Because.NOTHING)
        case _:
            return Seen(Light.MUTED, _why_muted(call))


def _why_muted(call: Call) -> Because:
    if call.paused:
        return Because.PAUSED
    if not call.parties:
        return Because.ALONE
    if not all(party.cleared for party in call.parties):
        return Because.NOT_CLEARED
    return Because.HOLD if call.held else Because.NOTHING
