"""How it goes as numbers, in the text that Prometheus reads: the command prints it, the page serves it.

Counts by line, node, state and alarm alone: no call, no caller and no agent has a number of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, time, tzinfo
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from asterisk_gdpr.ports import SILENT, ActivityBook, ErasureBook, RecordingBook, RequestBook, Upkeep

PREFIX = "asterisk_gdpr_"

EVERYTHING = "*"
"""What is switched where no line is named."""

TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""What the text is, as HTTP says it."""


class Book(Upkeep, RecordingBook, ErasureBook, RequestBook, ActivityBook, Protocol):
    """What is counted of the register."""


def metrics(register: Book, now: datetime, zone: tzinfo, lines: Collection[str] = ()) -> bytes:
    """Everything as it is at a time.

    `zone` is whose days count; of lines only `lines` are told of, if any are named.
    """
    registry = CollectorRegistry(auto_describe=False)
    counted = [*_nodes(register, now), *_whole(register, now), *_by_line(register, now, zone, lines)]
    registry.register(_Once(counted))
    return generate_latest(registry)


class _Once(Collector):
    """What is counted already, as the library wants to be told it."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def _nodes(register: Book, now: datetime) -> Iterator[Metric]:
    beats = {node: (now - at < SILENT, facts) for node, (at, facts) in sorted(register.beats().items())}
    up = {node: float(living) for node, (living, _) in beats.items()}
    yield _gauge("up", "Whether the daemon of a node gives signs of life.", "node", up)
    for name, means, fact, per in (
        ("asterisk_connected", "Whether a node's daemon is connected to its Asterisk.", "asterisk", 1),
        ("calls", "Calls that a node's daemon serves now.", "calls", 1),
        ("calls_shed", "Calls that a node's daemon had no time for, since it began.", "shed", 1),
        ("spool_room_ratio", "The share of a node's spool that is free.", "spool_room", 100),
    ):
        told = {
            node: facts[fact] / per for node, (living, facts) in beats.items() if living and fact in facts
        }
        yield _gauge(name, means, "node", told)


def _whole(register: Book, now: datetime) -> Iterator[Metric]:
    by_state = {str(state): count for state, count in register.count_recordings().items()}
    yield _gauge("recordings", "Recordings in the register, by state.", "state", by_state)
    standing = Counter(alarm.id for alarm in register.alarms())
    yield _gauge("alarms", "Alarms that stand, by id.", "alarm", standing)
    requests = register.requests()
    told = {"open": len(requests), "late": sum(request.answer_by <= now for request in requests)}
    yield _gauge("requests", "Requests: the open ones, and the late among them.", "which", told)
    waiting = len(register.tombstones(now))
    yield GaugeMetricFamily(
        f"{PREFIX}erasures_waiting", "Recordings to be erased now that are not yet.", value=waiting
    )


def _by_line(register: Book, now: datetime, zone: tzinfo, lines: Collection[str]) -> Iterator[Metric]:
    """What is told by line."""

    def is_told(line: str) -> bool:
        return not lines or line in lines or line == EVERYTHING

    off = {line: 1.0 for line, on in register.switches().items() if not on and is_told(line)}
    yield _gauge("switched_off", "Lines that are switched off; * is everything.", "line", off)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    counted: Counter[tuple[str, str]] = Counter()
    for tally in register.tally(midnight, now):
        counted[tally.line, tally.choice or "none"] += tally.calls if is_told(tally.line) else 0
    family = GaugeMetricFamily(
        f"{PREFIX}choices_today", "Calls since midnight, by line and choice.", labels=("line", "choice")
    )
    for key, calls in sorted((+counted).items()):
        family.add_metric(key, calls)
    yield family


def _gauge(name: str, means: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, means, labels=(label,))
    for of, value in sorted(values.items()):
        family.add_metric((of,), float(value))
    return family
