"""Putting numbers on the never list and taking them off; nobody is ever shown one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.caller import normalise
from asterisk_gdpr.core.never import BY_CALLER, BY_PERSON, EVERY_LINE, NeverEntry, Standing
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, NeverBook, PeriodBook
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.keys import VaultPublicKey
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.keys.keeper import SealedNumber, seal_never

SealFor = Callable[[str, str], SealedNumber | None]
"""(id, number) → sealed number and blind index; None when it is no number."""


def sealing_for(key: Callable[[], VaultPublicKey], index_key: IndexKey, country: str) -> SealFor:
    """How numbers of the never list are sealed: to the key of now, under the index of callers' numbers."""

    def seal(entry: str, number: str) -> SealedNumber | None:
        e164 = normalise(number, country)
        if e164 is None:
            return None
        public = key()
        return SealedNumber(seal_never(public, entry, e164), index_key.blind("calls.caller", e164), public.id)

    return seal


_page = 500


class Book(NeverBook, PeriodBook, Protocol):
    """What the never list is kept in."""


class Never:
    """Changes the never list, and tells how it stands."""

    def __init__(self, register: Book, seal: SealFor, clock: Clock) -> None:
        self._register = register
        self._seal = seal
        self._clock = clock

    def add(
        self,
        number: str,
        review_at: datetime,
        line: str = EVERY_LINE,
        by: str = BY_PERSON,
        user: str = "",
    ) -> NeverEntry:
        """Never record this number; raises Refused `not-a-number`, without repeating it, or `review-past`."""
        now, id = self._to_come(review_at), new_id("n")
        sealed = self._seal(id, number)
        if sealed is None:
            raise Refused(
                "This is not a telephone number.",
                hint="Write it with its country code, as in +49 30 1234567.",
                id="not-a-number",
            )
        return self._register.add_never(
            NeverEntry(id, line, sealed.index, sealed.sealed, sealed.epoch, by, now, review_at), user
        )

    def add_by_caller(self, number: str, review_at: datetime) -> bool:
        """The same by a caller's key; False for a withheld number."""
        try:
            self.add(number, review_at, by=BY_CALLER)
        except Refused:
            return False
        return True

    def entries(self) -> list[Standing]:
        """What is on it, oldest first."""
        ends: dict[str, datetime | None] = {}
        after = ""
        while page := self._register.deadlines("never_list", after, _page):
            ends |= {each.of: each.ends_at for each in page}
            after = page[-1].of
        return [Standing(entry, ends.get(entry.id)) for entry in self._register.nevers()]

    def due(self) -> list[Standing]:
        """Those that a person is to look at now."""
        now = self._clock.now()
        return [each for each in self.entries() if each.due(now)]

    def review(self, id: str, review_at: datetime, user: str = "") -> None:
        """Somebody has looked at it; it ends when it would have, unless it is put on the list again.

        Raises Refused `unknown-never`, `review-past`.
        """
        self._register.review_never(id, review_at, self._to_come(review_at), user)

    def _to_come(self, review_at: datetime) -> datetime:
        """Now, if that day is to come."""
        now = self._clock.now()
        if review_at <= now:
            raise Refused("The review date has passed.", hint="Name a day to come.", id="review-past")
        return now

    def remove(self, id: str, user: str = "") -> None:
        """Take one off; raises Refused `unknown-never`."""
        self._register.remove_never(id, self._clock.now(), user)

    def remove_number(self, index: bytes, line: str | None, user: str = "") -> int:
        """Take a number off, on one line or (None) wherever it stands; returns how many entries went."""
        gone = [
            entry.id
            for entry in self._register.nevers()
            if entry.index == index and line in (None, entry.line)
        ]
        for id in gone:
            self.remove(id, user)
        return len(gone)
