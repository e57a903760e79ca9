"""Where a container lies in its store: under the day on which its recording was begun, by its name alone.

A recording's id begins with its time (`service.ids`): nine digits of base 32 after a letter, in milliseconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from asterisk_gdpr.errors import Misuse

SUFFIX = ".agdpr"
MARKER = ".asterisk-gdpr-vault"
NAME = re.compile(r"[a-z0-9]{8,64}")

_TIMED = re.compile(r"[a-z]([0-9a-v]{9})[0-9a-v]{7}")
_NO_DAY = "undated"


def place_of(name: str) -> str:
    """`2026-11-25/<name>.agdpr`, the day by UTC; `undated/…` for a name that is no id.

    A name with anything else in it never reaches a store: raises Misuse.
    """
    if not NAME.fullmatch(name):
        raise Misuse("This is not the name of a container.")
    timed = _TIMED.fullmatch(name)
    day = _NO_DAY if timed is None else f"{datetime.fromtimestamp(int(timed[1], 32) / 1000, UTC):%Y-%m-%d}"
    return f"{day}/{name}{SUFFIX}"
