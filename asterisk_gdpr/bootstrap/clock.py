"""The machine's clock, and the counter that nobody sets."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """Plays `ports.Clock` by what the machine says; `check` looks whether it is kept right."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)


class SystemUptime:
    """Plays `ports.Uptime` by the kernel's own count, which goes on while the machine sleeps."""

    def boot(self) -> str:
        """The kernel's id of this start."""
        return _BOOT.read_text(encoding="ascii").strip()

    def seconds(self) -> float:
        """Since the start of the machine."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)
