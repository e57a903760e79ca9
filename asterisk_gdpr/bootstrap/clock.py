"""The machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Plays `ports.Clock` by what the machine says; `check` looks whether it is kept right."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)
