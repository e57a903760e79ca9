"""Choices over time as a picture: drawn here, as SVG, so that it needs no script and can be read out.

Bars of a day each, one part for each choice; heights are shares of the tallest day. A line over them is the
share of those asked that agreed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from asterisk_gdpr.core.call.state import Outcome
from asterisk_gdpr.ports import Tally

WIDTH, HEIGHT = 720, 180
_GAP = 0.28

PARTS = (Outcome.AGREED, Outcome.NOT_OBJECTED, Outcome.PARTIAL, Outcome.MANDATORY, Outcome.REFUSED)
"""What callers answered, from the ground up; calls that nobody asked are counted beside the picture."""
_ASKED = frozenset({Outcome.AGREED, Outcome.NOT_OBJECTED, Outcome.PARTIAL, Outcome.REFUSED})


@dataclass(frozen=True)
class Part:
    """One rectangle of a bar."""

    choice: str
    calls: int
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One day."""

    day: date
    x: float
    width: float
    calls: int
    share: int | None
    """The per cent of those who were asked that agreed; None when nobody was asked."""
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Chart:
    """The picture and what it says."""

    bars: tuple[Bar, ...]
    most: int
    counts: Counter[str]
    share: int | None

    @property
    def path(self) -> str:
        """The share that agreed from day to day, as a line in the picture; broken where nobody was asked."""
        steps, going = [], False
        for bar in self.bars:
            if bar.share is not None:
                there = f"{round(bar.x + bar.width / 2, 1)} {round(HEIGHT * (100 - bar.share) / 100, 1)}"
                steps.append(f"{'L' if going else f'M{there}L'}{there}")
            going = bar.share is not None
        return "".join(steps)

    @property
    def others(self) -> int:
        """Calls of which nobody was asked: exempt, switched off, sampled out."""
        return sum(self.counts.values()) - sum(self.counts[part] for part in PARTS)


def draw(tallies: Iterable[Tally], first: date, days: int, zone: tzinfo) -> Chart:
    """Return the chart of so many local days from the first on."""
    by_day: dict[date, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        by_day[tally.hour.astimezone(zone).date()][tally.choice] += tally.calls
    most = max((sum(by_day[day][part] for part in PARTS) for day in by_day), default=0)
    step = WIDTH / days
    bars = []
    for place in range(days):
        day = first + timedelta(days=place)
        counts = by_day.get(day, Counter())
        parts = tuple(_stack(counts, most))
        width = round(step * (1 - _GAP), 1)
        x = round(place * step + step * _GAP / 2, 1)
        bars.append(Bar(day, x, width, sum(part.calls for part in parts), share_of(counts), parts))
    total = sum((by_day[bar.day] for bar in bars if bar.day in by_day), Counter())
    return Chart(tuple(bars), most, total, share_of(total))


def share_of(counts: Counter[str]) -> int | None:
    """The per cent of those who were asked that agreed, at least to a part."""
    asked = sum(counts[choice] for choice in _ASKED)
    return round(100 * (counts[Outcome.AGREED] + counts[Outcome.PARTIAL]) / asked) if asked else None


def _stack(counts: Counter[str], most: int) -> Iterable[Part]:
    ground = float(HEIGHT)
    for choice in PARTS:
        if counts[choice]:
            height = round(HEIGHT * counts[choice] / most, 1)
            ground = round(ground - height, 1)
            yield Part(choice, counts[choice], ground, height)
