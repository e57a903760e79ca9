"""What the privacy line does for a caller: nothing that destroys, nothing that tells.

Whoever calls may show a number that is not theirs. So recordings are only locked, which a person can take
back; and how often anybody can do so is limited, for each number and for the line as a whole.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from asterisk_gdpr.core.privacy import Act
from asterisk_gdpr.core.recording import Recording, State
from asterisk_gdpr.core.requests import Request, Right
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.errors import GdprError, Unreachable
from asterisk_gdpr.ports import Clock
from asterisk_gdpr.service.people.throttle import Throttle
from asterisk_gdpr.service.rights.never import Never
from asterisk_gdpr.service.rights.receipt_desk import Book, Restricts, lock
from asterisk_gdpr.service.rights.receipts import Receipts

log = logging.getLogger(__name__)

BY = "privacy line"
"""Who has opened a request, as the register has it."""

EACH, EACH_WITHIN = 6, timedelta(days=1)
ALL, ALL_WITHIN = 120, timedelta(hours=1)
CODES = 60
"""Codes that may be tried in an hour, by everybody together."""

REVIEW_AFTER = timedelta(days=365)


class Recordings(Book, Protocol):
    """Where the recordings of a number are found."""

    def of_caller(self, caller_index: bytes) -> list[Recording]: ...  # noqa: D102  # the class says it


class Opens(Protocol):
    """Takes requests."""

    def open(  # noqa: D102
        self, right: Right, *, by: str, number: str = "", recordings: Sequence[str] = (), language: str
    ) -> Request: ...


class PrivacyDesk:
    """Carries out what a caller of the privacy line has confirmed; blocks."""

    def __init__(
        self,
        recordings: Recordings,
        rights: Restricts,
        requests: Opens,
        never: Never,
        index_of: Callable[[str], bytes | None],
        clock: Clock,
        receipts: Receipts | None = None,
    ) -> None:
        self._recordings = recordings
        self._rights = rights
        self._requests = requests
        self._never = never
        self._index_of = index_of
        self._clock = clock
        self._receipts = receipts
        self._each = Throttle(clock, limit=EACH, window=EACH_WITHIN)
        self._codes = Throttle(clock, limit=CODES, window=ALL_WITHIN)
        self._all = Throttle(clock, limit=ALL, window=ALL_WITHIN)

    def knows(self, number: str) -> bool:
        """Whether this is a number at all, which can be called back."""
        return self._index_of(number) is not None

    def carry_out(self, act: Act, number: str, language: str, code: str = "") -> bool:
        """Whether it was done; False is told in the same words whatever the reason.

        A code that is nobody's is `done` as well: who guesses learns nothing of it.
        """
        index = self._index_of(number)
        if act is Act.CODE:
            return self._by_code(code, index, language)
        if index is None:
            return False
        try:
            self._each.spend(index.hex())
            self._all.spend("all")
            self._carry_out(act, number, index, language)
        except GdprError as error:
            log.warning("the privacy line could not %s: %s", act, error.id)
            return False
        return True

    def _by_code(self, code: str, index: bytes | None, language: str) -> bool:
        """Lock the recording of the call whose code it is; those without a number share their tries."""
        try:
            self._each.spend((index or b"withheld").hex())
            self._codes.spend("all")
            call = self._receipts.call_of(code) if self._receipts else None
            if call is not None and call.recording is not None:
                found, requests, rights = call.recording, self._requests, self._rights
                lock(found, by=BY, language=language, book=self._recordings, requests=requests, rights=rights)
        except GdprError as error:
            log.warning("the privacy line could not take a code: %s", error.id)
            return error.id != "too-many-attempts" and not isinstance(error, Unreachable)
        return True

    def _carry_out(self, act: Act, number: str, index: bytes, language: str) -> None:
        match act:
            case Act.NEVER:
                self._never.add_by_caller(number, self._clock.now() + REVIEW_AFTER)
            case Act.REQUEST:
                self._requests.open(Right.ACCESS, by=BY, number=number, language=language)
            case Act.LOCK:
                request = self._requests.open(Right.ERASURE, by=BY, number=number, language=language)
                for recording in self._recordings.of_caller(index):
                    if recording.state is State.ERASING or self._recordings.restrictions(recording.id):
                        continue
                    self._rights.restrict(recording.id, RestrictionGround.OBJECTION, request.id)
