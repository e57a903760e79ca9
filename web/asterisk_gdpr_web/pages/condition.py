"""The condition of the installation, as Today shows it: daemons, keys, the last self-test, what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asterisk_gdpr.core.epoch import current, unfinished
from asterisk_gdpr.core.requests import Request
from asterisk_gdpr.ports import SILENT, Looked
from asterisk_gdpr_web.guard import Right, may
from asterisk_gdpr_web.settings import services

_MOST_DUE = 1000
_MOST_REQUESTS = 5
_NIGHTS = timedelta(days=2)


@dataclass(frozen=True)
class Node:
    """One daemon: whether it gives signs of life, and what it says of itself."""

    name: str
    at: datetime
    running: bool
    asterisk: bool
    spool_room: int


@dataclass(frozen=True)
class SelfTest:
    """The last self-test: of which line, when, and whether it passed; `old` if it is some nights ago."""

    line: str
    at: datetime
    passed: bool
    old: bool


def condition() -> dict[str, Any]:
    """Return everything of it; requests only to those whose office they are."""
    epochs = services().register.epochs()
    return {
        "nodes": _nodes(),
        "due": _due(),
        "rooms": services().rooms(),
        "key": current(epochs),
        "old_keys": len(unfinished(epochs)),
        "self_test": _self_test(),
        "waiting": _requests() if may(Right.SEE_REQUESTS) else [],
    }


def _nodes() -> list[Node]:
    at = services().clock.now()
    return [
        Node(name, when, at - when < SILENT, bool(facts.get("asterisk")), int(facts.get("spool_room", 0)))
        for name, (when, facts) in sorted(services().register.beats().items())
    ]


def _due() -> dict[str, Any]:
    """How much is erased within a week, and what should have been and is not."""
    register, at = services().register, services().clock.now()
    week = register.due(at + timedelta(days=7), _MOST_DUE)
    return {
        "week": len(week),
        "more": len(week) == _MOST_DUE,
        "overdue": len(register.due(at - timedelta(hours=1), _MOST_DUE)) + len(register.tombstones(at)),
    }


def _self_test() -> SelfTest | None:
    """As the ledger tells; nothing else outlives the report's file."""
    told = services().register.look_up(Looked(kind="self-test", limit=1))
    if not told or not told[0].payload:
        return None
    facts, at = told[0].payload, told[0].at
    return SelfTest(str(facts["line"]), at, bool(facts["passed"]), services().clock.now() - at > _NIGHTS)


def _requests() -> list[tuple[Request, int]]:
    """The open requests that must be answered first, each with the days that are left."""
    at = services().clock.now()
    first = sorted(services().register.requests(), key=lambda each: each.answer_by)[:_MOST_REQUESTS]
    return [(each, (each.answer_by - at).days) for each in first]
