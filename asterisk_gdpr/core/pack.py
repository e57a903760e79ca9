"""A pack: what a country's law and its authorities ask of a policy, as values with their sources.

Packs set defaults and limits; they never grant anything that the policy does not say. An overlay adds
what a sector's law or standard asks, to the pack of any country that it may stand beside.
What every pack has in common (Art. 6, 7 and 21 GDPR) is code in `asterisk_gdpr.core.lawfulness`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from asterisk_gdpr.core.policy import Basis, Period, Permission


class Standing(StrEnum):
    """How far a rule can be relied on: `confirmed` means read in the words of the law or the authority."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True)
class Rule:
    """One rule of a pack with its source; the limits that it sets, if any, are enforced.

    `permissions` are the only ones allowed, `keep_at_most` the longest period by basis,
    `decision_for` the bases that need a reasoned decision of the controller; `decide` asks the controller
    to state how the rule is met, since no software can see it; `obligation` must stand behind a purpose.
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
    decide: bool = False
    obligation: str = ""

    @property
    def has_limit(self) -> bool:
        """Whether a policy can break it; one without a limit is for the controller to weigh."""
        limits = (self.permissions, self.keep_at_most, self.decision_for, self.decide, self.obligation)
        return any(limits)


@dataclass(frozen=True)
class Obligation:
    """A duty to record that the law itself states: what a `legal_obligation` purpose may name.

    `copy_on_request`: callers are told that they can get a copy for as long as the recording is kept.
    """

    code: str
    says: str
    cites: str
    source: str
    standing: Standing
    keep_at_least: Period
    keep_at_most: Period
    copy_on_request: bool = False


@dataclass(frozen=True)
class Overlay:
    """A sector's rules; `packs` are those that it may stand beside, none named: any."""

    name: str
    title: str
    dated: date
    packs: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()
    obligations: Mapping[str, Obligation] = field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    """A dated set of rules; `permission` is the default of lines that name none.

    `overlays` are what was laid upon it: their rules and obligations are among its own.
    """

    name: str
    title: str
    dated: date
    permission: Permission
    rules: tuple[Rule, ...] = ()
    obligations: Mapping[str, Obligation] = field(default_factory=dict)
    overlays: tuple[Overlay, ...] = ()

    def under(self, overlays: Iterable[Overlay]) -> Pack:
        """The pack with overlays laid upon it."""
        laid = tuple(overlays)
        obligations = dict(self.obligations)
        for overlay in laid:
            obligations.update(overlay.obligations)
        rules = (*self.rules, *(rule for overlay in laid for rule in overlay.rules))
        return replace(self, rules=rules, obligations=obligations, overlays=laid)
