"""What keeps an installation running: alarms, switches, policies, heartbeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

SILENT = timedelta(seconds=15)
"""A daemon beats every five seconds; one that has not for this long is taken for dead."""


@dataclass(frozen=True)
class Alarm:
    """Something a person must look at; `about` is an id of ours (line, call, recording), never a name."""

    id: str
    about: str
    since: datetime
    message: str
    cleared_at: datetime | None = None
    seen_to_at: datetime | None = None
    seen_to_by: str = ""


class Upkeep(Protocol):
    """Alarms, switches, policies in force, and the heartbeat of each node."""

    def raise_alarm(self, alarm: Alarm) -> None:
        """Idempotent while the same alarm (id, about) stands."""
        ...

    def clear_alarm(self, id: str, about: str, at: datetime) -> None: ...
    def alarms(self) -> list[Alarm]:
        """Those that stand."""
        ...

    def switch(self, line: str, on: bool, at: datetime, user: str = "") -> None:
        """`line` is `*` for everything; the ledger is told which user did it."""
        ...

    def switched_off(self, line: str) -> bool: ...
    def switches(self) -> Mapping[str, bool]: ...
    def keep_policy(self, version: str, text: str, at: datetime) -> None: ...
    def policy_text(self, version: str) -> str | None: ...
    def policy_versions(self) -> list[tuple[str, datetime]]:
        """Every version that was ever in force, and when it first was, oldest first."""
        ...

    def beat(self, node: str, at: datetime, facts: Mapping[str, Any]) -> None: ...
    def beats(self) -> Mapping[str, tuple[datetime, Mapping[str, Any]]]: ...
