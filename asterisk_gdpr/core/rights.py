"""What data subjects may ask of a recording, as values: restriction, correction, objection, who got it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.core.recording import Term

OBJECTABLE = frozenset({Basis.LEGITIMATE_INTERESTS, Basis.PUBLIC_TASK})
"""The bases whose purposes one may object to (Art. 21(1) GDPR)."""


class RestrictionGround(StrEnum):
    """Why a person may have it restricted (Art. 18(1) GDPR)."""

    ACCURACY = "accuracy"
    """They contest that it is accurate, until that is verified: (a)."""
    UNLAWFUL = "unlawful"
    """It is unlawful, and they want it kept rather than erased: (b)."""
    CLAIMS = "claims"
    """We need it no more, and they need it for legal claims: (c)."""
    OBJECTION = "objection"
    """They have objected, until it is clear whose grounds weigh more: (d)."""


@dataclass(frozen=True)
class Restriction:
    """A person's restriction of a recording: nobody listens, and no period ends it, until it is lifted.

    `told_at` is when the person was told that it would be lifted (Art. 18(3)), which comes first.
    """

    id: str
    recording: str
    ground: RestrictionGround
    at: datetime
    request: str = ""
    told_at: datetime | None = None
    lifted_at: datetime | None = None


class RemarkKind(StrEnum):
    """What a remark beside a recording is."""

    CORRECTION = "correction"
    """What the data subject says is so (Art. 16); it goes with every copy that is handed out."""
    COMMENT = "comment"
    """What a listener noted."""


@dataclass(frozen=True)
class Remark:
    """Words beside a recording, which are erased with it; the audio itself is never changed."""

    id: str
    recording: str
    kind: RemarkKind
    text: str
    by: str
    at: datetime
    request: str = ""


@dataclass(frozen=True)
class Handover:
    """A copy of a recording that left us: who took it out, and for whom (empty: for ourselves).

    `tell_since` and `tell_about` say what the recipient must be told of (Art. 19), `told_at` when they were.
    """

    id: str
    recording: str
    at: datetime
    by: str
    recipient: str
    form: str
    tell_since: datetime | None = None
    tell_about: str = ""
    told_at: datetime | None = None

    @property
    def untold(self) -> bool:
        """Whether somebody must still be told of something."""
        return self.tell_since is not None and self.told_at is None


PORTABLE = frozenset({Basis.CONSENT, Basis.CONTRACT})
"""The bases whose data one may take along (Art. 20(1)(a) GDPR)."""


def objectable(terms: Iterable[Term]) -> frozenset[str]:
    """The purposes among these that one may object to."""
    return frozenset(term.purpose for term in terms if term.basis in OBJECTABLE)


def consented(terms: Iterable[Term]) -> frozenset[str]:
    """The purposes among these whose consent one may withdraw (Art. 7(3))."""
    return frozenset(term.purpose for term in terms if term.basis is Basis.CONSENT)
