"""What whoever has a receipt can do by it, without anybody's help: lock its recording, or ask.

Nothing that destroys and nothing that tells: whoever holds a code may have found or guessed it.
So a locked recording can be unlocked by a person, the answer is the same whatever the code is, comes after
the same time, and how many codes may be tried is limited, for each address and for everybody together: of a
million living receipts a guess meets one in a thousand tries (`core.receipt`), and a day allows less than
five hundred.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from asterisk_gdpr.core.receipt import is_code
from asterisk_gdpr.core.recording import Derivation
from asterisk_gdpr.core.requests import Request, Right
from asterisk_gdpr.core.rights import Restriction, RestrictionGround
from asterisk_gdpr.errors import GdprError, Refused, Unreachable
from asterisk_gdpr.ports import Clock
from asterisk_gdpr.service.people.throttle import Throttle
from asterisk_gdpr.service.rights.receipts import Receipts

log = logging.getLogger(__name__)

BY = "receipt page"
"""Who has opened a request, as the register has it."""

EACH, ALL, WITHIN = 5, 20, timedelta(hours=1)
SETTLED = 0.5
"""Seconds after which every code is answered: more than it takes to lock a recording."""
LONGEST = 200


class Wish(StrEnum):
    """What a receipt can be used for."""

    LOCK = "lock"
    """Nobody listens any more, and a request to erase is opened, as on the privacy line."""
    ASK = "ask"
    """A request for a copy is opened, to be answered at the contact that they leave."""


class Book(Protocol):
    """Where it is known what is locked, and what was asked for."""

    def restrictions(self, recording: str = "") -> list[Restriction]: ...  # noqa: D102  # the class says it
    def requests(self, *, closed: bool = False) -> list[Request]: ...  # noqa: D102
    def derivations(self, recording: str) -> list[Derivation]: ...  # noqa: D102


class Opens(Protocol):
    """Takes requests."""

    def open(  # noqa: D102
        self, right: Right, *, by: str, recordings: Sequence[str] = (), language: str, contact: str = ""
    ) -> Request: ...


class Restricts(Protocol):
    """Restricts recordings."""

    def restrict(  # noqa: D102
        self, recording: str, ground: RestrictionGround, request: str = ""
    ) -> Restriction: ...


class Erases(Protocol):
    """Takes requests to erase."""

    def open(  # noqa: D102
        self, right: Right, *, by: str, recordings: Sequence[str] = (), language: str
    ) -> Request: ...


def lock(recording: str, *, by: str, language: str, book: Book, requests: Erases, rights: Restricts) -> None:
    """Open a request to erase it, and let nobody listen until that is answered; asked twice, it is one."""
    for asked in book.requests():
        if asked.right is Right.ERASURE and asked.recordings == (recording,) and asked.opened_by == by:
            request = asked
            break
    else:
        request = requests.open(Right.ERASURE, by=by, recordings=[recording], language=language)
    for each in dict.fromkeys([recording, *(made.recording for made in book.derivations(recording))]):
        if not book.restrictions(each):
            rights.restrict(each, RestrictionGround.OBJECTION, request.id)


class ReceiptDesk:
    """Takes receipts from people whom nobody knows; blocks."""

    def __init__(
        self,
        book: Book,
        rights: Restricts,
        requests: Opens,
        receipts: Receipts,
        clock: Clock,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._book = book
        self._rights = rights
        self._requests = requests
        self._receipts = receipts
        self._now = now
        self._sleep = sleep
        self._each = Throttle(clock, limit=EACH, window=WITHIN)
        self._all = Throttle(clock, limit=ALL, window=WITHIN)

    def take(self, wish: Wish, code: str, *, contact: str, language: str, address: str) -> None:
        """Do what can be done by this code; returns the same whether it is a call's or nobody's.

        Raises Refused `no-code` for what can be nobody's code, `no-contact` for a question that cannot be
        answered, `too-many-attempts`; Unreachable while the register is away.
        """
        digits = "".join(code.split()).replace("-", "")
        if not is_code(digits):
            raise Refused("A code has ten digits; one of these is mistyped.", id="no-code")
        contact = " ".join(contact.split())
        if wish is Wish.ASK and not 3 <= len(contact) <= LONGEST:
            raise Refused("An answer needs somewhere to go.", id="no-contact")
        self._each.spend(address)
        self._all.spend("all")
        until = self._now() + SETTLED
        try:
            self._carry_out(wish, digits, contact, language)
        except Unreachable:
            raise
        except GdprError as error:
            log.warning("a receipt could not be taken to %s: %s", wish, error.id)
        finally:
            self._sleep(max(0.0, until - self._now()))

    def _carry_out(self, wish: Wish, code: str, contact: str, language: str) -> None:
        call = self._receipts.call_of(code)
        if call is None or call.recording is None:
            return
        if wish is Wish.LOCK:
            found, requests, rights = call.recording, self._requests, self._rights
            lock(found, by=BY, language=language, book=self._book, requests=requests, rights=rights)
        else:
            self._requests.open(
                Right.ACCESS, by=BY, recordings=[call.recording], language=language, contact=contact
            )
