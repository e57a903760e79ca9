"""What a figure is: what was measured, beside what, and what it is to reach; and the arithmetic of it."""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from asterisk_gdpr.errors import Unreachable

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """One run of the bench; `quick` takes fewer and smaller measurements, which say less."""

    quick: bool = False

    def pick(self, full: T, quick: T) -> T:
        """What belongs to this kind of run."""
        return quick if self.quick else full

    def say(self, text: str) -> None:
        """Tell what is going on, beside the table."""
        print(f"  {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Target:
    """What a value is to reach: at most, or at least, `bound`; `unit` is `×` (a ratio), `ms` or `%`."""

    bound: float
    at_least: bool = False
    unit: str = "×"

    def reached(self, value: float) -> bool:
        """Whether the value is good enough."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g} {self.unit}"


@dataclass(frozen=True)
class Line:
    """One line of the table: the raw numbers of ours and of the rival as text, and the value to judge."""

    what: str
    ours: str
    rival: str
    value: float
    target: Target

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as it is printed."""
        value = f"{self.value:.2f} ×" if self.target.unit == "×" else f"{self.value:.1f} {self.target.unit}"
        mark = "reached" if self.target.reached(self.value) else "NOT REACHED"
        return self.what, self.ours, self.rival, value, str(self.target), mark


HEAD = ("", "ours", "rival", "value", "target", "")

Measure = Callable[[Run], Iterable[Line]]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 to 1) of all values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def ratio(ours: float, rival: float) -> float:
    """How much more ours is than the rival; a rival of nothing has measured nothing."""
    if rival <= 0:
        raise Unreachable("The rival was not measured: its value is nothing.", id="nothing-measured")
    return ours / rival


def alternating(rounds: int, *sides: T) -> Iterator[T]:
    """The sides in turn, `rounds` times each; every second round in the opposite order.

    What disturbs the machine, or warms it up, thus meets all sides alike.
    """
    for number in range(rounds):
        yield from sides if number % 2 == 0 else reversed(sides)


def milliseconds(seconds: Sequence[float]) -> str:
    """Median and 95th percentile of durations, as text."""
    return f"{1000 * median(seconds):.2f} ms (p95 {1000 * percentile(seconds, 0.95):.2f})"


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows in columns as wide as their widest cell."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
