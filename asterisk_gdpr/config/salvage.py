"""What is left of a policy when its faulty fields are set aside: so the law's faults show in the same run.

A person who mends a file wants all of its faults at once, and a misspelt mode does not make the rest
unreadable. Here the faulty fields are left out, or replaced by something harmless where the schema needs
them, and what would be found at such a place is kept quiet.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

from asterisk_gdpr.config.document import Place
from asterisk_gdpr.core.lawfulness import Finding

_HARMLESS = {
    "controller": {"name": "x", "contact": "x", "privacy_url": "https://example.com"},
    "keep": "1 day",
    "listeners": ["nobody"],
    "title": {"xx": "x"},
}
"""Stands in for a faulty field that the schema cannot do without."""


def salvage(data: object, faulty: Iterable[Place]) -> tuple[object, frozenset[Place]]:
    """The data without its faulty fields, and the places that were set aside.

    A field goes alone where something can stand in for it, together with its purpose or line where not.
    """
    left = copy.deepcopy(data)
    aside: set[Place] = set()
    for place in faulty:
        field = _field_of(place)
        if field:
            aside.add(field)
            _set_aside(left, field)
    return left, frozenset(aside)


def still_true(finding: Finding, aside: frozenset[Place]) -> bool:
    """Whether a finding of what was left is one of the whole file too."""
    if any(finding.path[: len(place)] == place for place in aside):
        return False
    return not (finding.id == "unknown-purpose" and ("purposes", finding.about) in aside)


def _field_of(place: Place) -> Place:
    if place[:1] in (("lines",), ("purposes",)):
        entry = place[0] == "purposes" and len(place) > 2 and place[2] in ("basis", "choice")
        return place[:2] if entry else place[:3]
    return place[:1]


def _set_aside(data: object, field: Place) -> None:
    here = data
    for part in field[:-1]:
        if not isinstance(here, dict) or part not in here:
            return
        here = here[part]
    if isinstance(here, dict):
        here.pop(field[-1], None)
        if field[-1] in _HARMLESS and field[0] != "lines" and field != ("keep",):
            here[field[-1]] = _HARMLESS[str(field[-1])]
