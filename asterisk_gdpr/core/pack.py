"""A pack: what a country's law and its authorities ask of a policy, as values with their sources.

Packs set defaults and limits; they never grant anything that the policy does not say.
What every pack has in common (Art. 6, 7 and 21 GDPR) is code in `asterisk_gdpr.core.lawfulness`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from asterisk_gdpr.core.policy import Basis, Period, Permission


class Standing(StrEnum):
    """How far a rule can be relied on: `confirmed` means read in the words of the source itself."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True)
class Rule:
    """One rule of a pack with its source; the limits that it sets, if any, are enforced.

    `permissions` are the only ones allowed, `keep_at_most` the longest period by basis,
    `decision_for` the bases that need a reasoned decision of the controller.
    A rule without a limit is for the controller to weigh: `policy check` shows it.
    """

    id: str
    says: str
    cites: str
    source: str
    standing: Standing
    permissions: frozenset[Permission] = frozenset()
    keep_at_most: Mapping[Basis, Period] = field(default_factory=dict)
    decision_for: frozenset[Basis] = frozenset()


@dataclass(frozen=True)
class Obligation:
    """A duty to record that the law itself states: what a `legal_obligation` purpose may name."""

    code: str
    says: str
    cites: str
    source: str
    standing: Standing
    keep_at_least: Period
    keep_at_most: Period


@dataclass(frozen=True)
class Pack:
    """A dated set of rules; `permission` is the default of lines that name none."""

    name: str
    title: str
    dated: date
    permission: Permission
    rules: tuple[Rule, ...] = ()
    obligations: Mapping[str, Obligation] = field(default_factory=dict)
