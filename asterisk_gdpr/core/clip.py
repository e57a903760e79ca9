"""A span of a recording that one listener shares with another, by name, until an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Clip:
    """`user` shares it, `coach` hears it, both under `purpose`; `at_ms` and `until_ms` are its span."""

    id: str
    recording: str
    at_ms: int
    until_ms: int
    purpose: str
    user: str
    coach: str
    made_at: datetime
    ends_at: datetime

    def lives(self, now: datetime) -> bool:
        """Whether it has not ended."""
        return now < self.ends_at
