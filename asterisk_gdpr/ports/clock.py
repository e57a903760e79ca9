"""The time of day, as a role: nothing but `bootstrap` reads the machine's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The time in UTC, aware."""
        ...


class Uptime(Protocol):
    """A counter that nobody sets."""

    def boot(self) -> str:
        """The name of this uptime: another one after each start of the machine."""
        ...

    def seconds(self) -> float:
        """How long the machine has been up, sleep included."""
        ...
