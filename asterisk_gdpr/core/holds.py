"""Holds: erasure is suspended, for a case, on a ground of the law, until a day.

A hold beats every deletion. It is no purpose: nobody may listen because of it but those whom it names.
Where the data subject has withdrawn or objected, only the establishment, exercise or defence of legal
claims holds the audio (Art. 17(3)(e), 18(2)), and fewer people may hear it than before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asterisk_gdpr.core.recording import Reason, Term


class HoldGround(StrEnum):
    """Why the law lets erasure wait."""

    LEGAL_CLAIMS = "legal-claims"
    """To establish, exercise or defend legal claims: Art. 17(3)(e) GDPR."""
    LEGAL_OBLIGATION = "legal-obligation"
    """A duty of the law of the Union or a Member State: Art. 17(3)(b) GDPR."""
    AUTHORITY = "authority"
    """An authority's order to preserve it, which is such a duty: Art. 17(3)(b) GDPR."""


ARTICLES = {
    HoldGround.LEGAL_CLAIMS: "Art. 17(3)(e) GDPR",
    HoldGround.LEGAL_OBLIGATION: "Art. 17(3)(b) GDPR",
    HoldGround.AUTHORITY: "Art. 17(3)(b) GDPR",
}


@dataclass(frozen=True)
class Hold:
    """One hold; `case` and `why` are a person's words, `listeners` the roles that may hear what it holds.

    It stands until somebody lifts it, or until a tick has found `until` past; `ended_by` is then their
    name, or empty.
    """

    id: str
    case: str
    ground: HoldGround
    why: str
    by: str
    listeners: frozenset[str]
    placed_at: datetime
    until: datetime
    ended_at: datetime | None = None
    ended_by: str = ""

    @property
    def stands(self) -> bool:
        """Whether it holds anything."""
        return self.ended_at is None


def taken_back(terms: Iterable[Term]) -> bool:
    """Whether the data subject withdrew a consent of this recording, or objected to a purpose of it."""
    return any(term.ended_by in (Reason.WITHDRAWN, Reason.OBJECTED) for term in terms)


def fewer(listeners: frozenset[str], before: frozenset[str]) -> bool:
    """Whether those whom a hold names are fewer roles than those who could listen (one is always few)."""
    return 0 < len(listeners) < max(2, len(before))
