"""A changed policy and what exists already: nothing is ever lengthened, and shortened only when told.

Which purposes of which recordings would end earlier under the policy in force is looked up page by page
and told; carried out, each recording is one transaction with its entry in the ledger. What is then due
goes as everything that is due does, with the same question when it is much at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from asterisk_gdpr.core.policy import Basis, Policy
from asterisk_gdpr.core.recording import Recording, State, Term
from asterisk_gdpr.core.retention import living, shortened
from asterisk_gdpr.ports import Clock, Found, RecordingBook, Search

REMOVED = "policy"
"""What ended a purpose that a policy has no more: the code in the register and the ledger."""

_page = 500


class Book(RecordingBook, Protocol):
    """What this needs of the register."""


@dataclass(frozen=True)
class Shortened:
    """One purpose of a recording that ends earlier: `until` is its new end, at once when it was removed."""

    recording: str
    purpose: str
    before: datetime | None
    until: datetime
    removed: bool = False


class Shortening:
    """Applies shorter periods of a policy to what exists; `zone` is whose days periods are reckoned in."""

    def __init__(self, register: Book, zone: tzinfo, clock: Clock) -> None:
        self._register = register
        self._zone = zone
        self._clock = clock

    def plan(self, policy: Policy, *, removed: bool = False) -> list[Shortened]:
        """What would end earlier under a policy; `removed`: purposes too that it has no more.

        A purpose that rests on another basis now is left alone, and so is what a legal obligation keeps
        for a purpose that is gone. A call that is going on keeps what its caller was told.
        """
        now = self._clock.now()
        found = self._sealed(now)
        return [each for one in found for each in self._of(one, policy, now, removed=removed)]

    def apply(self, policy: Policy, *, removed: bool = False) -> list[Shortened]:
        """Do it; what is returned was done."""
        now, done = self._clock.now(), []
        for found in self._sealed(now):
            recording = found.recording.id
            planned = list(self._of(found, policy, now, removed=removed))
            gone = [each.purpose for each in planned if each.removed]
            if gone:
                self._register.end_terms(recording, gone, now, REMOVED)
            keeps = {each.purpose: policy.purposes[each.purpose].keep for each in planned if not each.removed}
            if keeps:
                self._register.shorten_terms(recording, keeps, now, policy.version)
            done += planned
        return done

    def _of(self, found: Found, policy: Policy, now: datetime, *, removed: bool) -> Iterator[Shortened]:
        for term in living(found.terms, now):
            purpose = policy.purposes.get(term.purpose)
            if purpose is None:
                if removed and term.basis is not Basis.LEGAL_OBLIGATION:
                    yield Shortened(found.recording.id, term.purpose, term.expires_at, now, removed=True)
            elif purpose.basis is term.basis:
                after = self._shortened(term, policy, found.recording)
                if after.expires_at is not None and after != term:
                    yield Shortened(found.recording.id, term.purpose, term.expires_at, after.expires_at)

    def _shortened(self, term: Term, policy: Policy, recording: Recording) -> Term:
        if recording.ended_at is None:
            return term
        return shortened(term, policy.purposes[term.purpose].keep, recording.ended_at, self._zone)

    def _sealed(self, now: datetime) -> Iterator[Found]:
        """Every sealed recording, newest first, without those that are made meanwhile."""
        before = (now, "￿")
        while True:
            page = self._register.search(
                Search(states=frozenset({State.SEALED}), living_at=now, before=before, limit=_page)
            )
            yield from page
            if len(page) < _page:
                return
            last = page[-1].recording
            before = (last.created_at, last.id)
