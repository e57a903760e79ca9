"""How a call was led: the forms of the policy, what reviewers gave, and how far two of them agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Item:
    """One thing that is judged; `weight` is how much it counts beside the others."""

    title: Mapping[str, str]
    weight: int = 1


@dataclass(frozen=True)
class Form:
    """A form by which calls are evaluated under a purpose; each item is given 0 to `most` points."""

    name: str
    title: Mapping[str, str]
    purpose: str
    items: Mapping[str, Item]
    most: int = 5

    def complete(self, points: Mapping[str, int]) -> bool:
        """Whether every item has points that the form knows, and nothing else has any."""
        return points.keys() == self.items.keys() and all(0 <= each <= self.most for each in points.values())

    def score(self, points: Mapping[str, int]) -> int:
        """The per cent of all points that a call was given, each item by its weight."""
        given = sum(self.items[name].weight * points[name] for name in self.items)
        return round(100 * given / sum(item.weight * self.most for item in self.items.values()))


@dataclass(frozen=True)
class Evaluation:
    """What one reviewer gave one recording by one form; `agent` is who it is about, by our id, or nobody."""

    id: str
    recording: str
    form: str
    user: str
    at: datetime
    score: int
    points: Mapping[str, int]
    comment: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Calibration:
    """How far reviewers of one recording agree: each item with the points of each, and their spread."""

    form: str
    reviewers: tuple[str, ...]
    items: Mapping[str, tuple[int, ...]]
    scores: tuple[int, ...]

    @property
    def apart(self) -> int:
        """The most points by which they differ on any item."""
        return max((max(points) - min(points) for points in self.items.values()), default=0)

    @property
    def agreed(self) -> int:
        """The per cent of items that all of them gave the same."""
        same = sum(len(set(points)) == 1 for points in self.items.values())
        return round(100 * same / len(self.items)) if self.items else 100


def calibrate(evaluations: Sequence[Evaluation]) -> list[Calibration]:
    """Those forms by which two or more reviewers have evaluated the same recording, side by side."""
    found = []
    for form in sorted({each.form for each in evaluations}):
        same = sorted((each for each in evaluations if each.form == form), key=lambda each: each.user)
        if len(same) > 1:
            common = [name for name in same[0].points if all(name in each.points for each in same)]
            found.append(
                Calibration(
                    form,
                    tuple(each.user for each in same),
                    {name: tuple(each.points[name] for each in same) for name in common},
                    tuple(each.score for each in same),
                )
            )
    return found
