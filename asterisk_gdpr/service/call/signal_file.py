"""The tone that agents hear when a recording is paused, goes on, or is stopped: a file that Asterisk plays.

It is made here, since what sounds an Asterisk has is its admin's business.
"""

from __future__ import annotations

import struct
from math import pi, sin
from pathlib import Path

HZ = 1400
"""The pitch that the ITU (E.180) recommends for a tone that warns of recording."""

_RATE = 8000
_SOUNDS, _PAUSES = 0.2, 0.15
_LOUD = 6000


def write_signal(folder: Path) -> str:
    """Make it, if it is not there as it should be; returns its path without a suffix, for Asterisk."""
    place = folder / "signal.sln"
    sound = b"".join(
        struct.pack("<h", round(_LOUD * sin(2 * pi * HZ * n / _RATE))) for n in range(round(_SOUNDS * _RATE))
    )
    wanted = sound + bytes(2 * round(_PAUSES * _RATE))
    if not place.exists() or place.read_bytes() != wanted:
        fresh = place.with_suffix(".new")
        fresh.write_bytes(wanted)
        fresh.chmod(0o644)
        fresh.replace(place)
    return str(folder / "signal")
