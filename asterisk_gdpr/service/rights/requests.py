"""Requests of data subjects, from their receipt to a letter that says what was really done.

A request is opened, its person identified, carried out recording by recording, and answered; or refused,
with its reason and the right to complain. It is never called fulfilled while one recording is not done: it
stays open with what is left, and may be carried out again: what is about to be done is noted before, since
nothing leads from a number to what is erased. What has been answered is not changed any more.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Protocol

from asterisk_gdpr.core.letters import LetterTexts, Line, compose
from asterisk_gdpr.core.policy import Controller
from asterisk_gdpr.core.requests import (
    SOON,
    Identity,
    Refusal,
    Request,
    ResultOf,
    Right,
    Status,
    answer_by,
    failed,
    may_extend,
)
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Alarm, Clock, NeverBook, RequestBook, UserBook
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.rights.carrying_out import CarryingOut, Wish
from asterisk_gdpr.service.rights.rights import Book as RightsBooks
from asterisk_gdpr.service.rights.rights import Rights

DUE = "request-due"
"""The alarm that a request must be answered within days."""

OVERDUE = "request-overdue"
"""The alarm that the time for an answer is over."""

ENDING = (Right.ERASURE, Right.OBJECTION, Right.WITHDRAWAL)
"""What ends a purpose or a recording."""

DONE_LATER = ("erased", "kept", "held")
"""Results of a dry run that are not so yet."""


NOTHING = Wish()


class Book(RightsBooks, RequestBook, NeverBook, UserBook, Protocol):
    """What requests need of the register."""


@dataclass(frozen=True)
class Answer:
    """What came of carrying out or refusing: the request as it is now, and its letter (empty: none yet)."""

    request: Request
    letter: str = ""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many recordings had which result."""
        return Counter(each.result for each in self.request.results)


class Requests:
    """Takes requests and answers them; `index_of` brings a number to its blind index, None if it is none."""

    def __init__(
        self,
        register: Book,
        erasure: Erasure,
        letters: Mapping[str, LetterTexts],
        controller: Callable[[], Controller],
        index_of: Callable[[str], bytes | None],
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._register = register
        self._acts = CarryingOut(register, erasure, Rights(register, erasure, clock))
        self._letters = letters
        self._controller = controller
        self._index_of = index_of
        self._clock = clock
        self._zone = zone

    @property
    def languages(self) -> Sequence[str]:
        """The languages that there is a letter in."""
        return sorted(self._letters)

    # --- on the way to an answer

    def open(
        self,
        right: Right,
        *,
        by: str,
        number: str = "",
        recordings: Sequence[str] = (),
        purposes: Sequence[str] = (),
        received_at: datetime | None = None,
        language: str = "en",
        contact: str = "",
        asked: str = "",
        id: str = "",
    ) -> Request:
        """Take a request; its month runs from the day on which it was received. `id` is made where none is.

        Raises Refused: `not-a-number`, `unknown-recording`, `nobody-named`, `received-later`, `no-letter`,
        `no-such-purpose`.
        """
        now = self._clock.now()
        received = received_at or now
        if received > now:
            raise Refused("A request cannot have been received in the future.", id="received-later")
        if language not in self._letters:
            raise Refused(
                f"There is no letter in {language!r}.",
                hint=f"There are: {', '.join(sorted(self._letters))}.",
                id="no-letter",
            )
        if not number and not recordings:
            raise Refused("A request is about a number, or about recordings.", id="nobody-named")
        index = self._index_of(number) if number else None
        if number and index is None:
            raise Refused(
                "This is not a telephone number.",
                hint="Write it with its country code, as in +49 30 1234567.",
                id="not-a-number",
            )
        for recording in recordings:
            self._register.recording(recording)
        request = Request(
            id=id or new_id("q"),
            right=right,
            received_at=received,
            opened_at=now,
            opened_by=by,
            answer_by=answer_by(received, self._zone),
            language=language,
            subject=index,
            recordings=tuple(recordings),
            purposes=tuple(purposes),
            contact=contact.strip(),
            asked=asked.strip(),
        )
        self._check_purposes(request)
        self._register.add_request(request)
        return request

    def identify(self, request: str, how: Identity, by: str) -> Request:
        """Note by which method it was made sure who asks; raises Refused `request-closed`."""
        now = self._clock.now()
        with self._register.transaction():
            found = replace(self._open(request), identity=how, identified_at=now, identified_by=by)
            self._register.change_request(found, now, "request-identified", by)
        return found

    def assign(self, request: str, to: str, by: str = "") -> Request:
        """Give it to a user of the page who may sign in; raises Refused `no-such-user`."""
        user = self._register.user(to)
        if user is None or user.disabled_at is not None:
            raise Refused(f"There is no user {to!r} who may sign in.", id="no-such-user")
        with self._register.transaction():
            found = replace(self._open(request), assigned_to=to)
            self._register.change_request(found, self._clock.now(), "request-assigned", by)
        return found

    def extend(self, request: str, reason: str, by: str = "") -> Request:
        """Take two more months; the person must be told now, with the reason (Art. 12(3)).

        Raises Refused: `no-reason`, `too-late-to-extend`.
        """
        now = self._clock.now()
        if not reason.strip():
            raise Refused("The person is told why it takes longer.", id="no-reason")
        with self._register.transaction():
            found = self._open(request)
            if not may_extend(found, now):
                raise Refused(
                    "A request is extended once, and within its first month.", id="too-late-to-extend"
                )
            until = answer_by(found.received_at, self._zone, extended=True)
            found = replace(found, extended_at=now, extension=reason.strip(), answer_by=until)
            self._register.change_request(found, now, "request-extended", by)
        return found

    # --- the answer

    def plan(self, request: str, wish: Wish = NOTHING) -> Answer:
        """What carrying it out would come to, recording by recording; changes nothing."""
        found = self._open(request)
        return Answer(replace(found, results=self._acts.carry_out(found, wish, dry_run=True)))

    def fulfil(self, request: str, by: str, wish: Wish = NOTHING) -> Answer:
        """Carry it out; it is fulfilled, with its letter, when no recording is left.

        Raises Refused: `request-closed`, `not-identified`, `no-text`, `no-ground`, `no-package`.
        """
        found = self._open(request)
        if found.identity is None:
            raise Refused(
                "It was not made sure yet who asks.",
                hint="Note how it was: `requests identify`; or refuse it.",
                id="not-identified",
            )
        found = self._begin(found, wish, by)
        results = self._acts.carry_out(found, wish)
        given = [each.recording for each in results if each.result == "given"]
        if found.right in (Right.ACCESS, Right.PORTABILITY) and given:
            if wish.hand_out is None:
                raise Refused("Copies are handed out in a file.", hint="Name it: --package.", id="no-package")
            wish.hand_out(found, given)
        now = self._clock.now()
        with self._register.transaction():
            found = replace(self._open(request), results=results)
            if failed(results):
                self._register.change_request(found, now, "request-not-done", by)
                return Answer(found)
            return self._close(replace(found, status=Status.FULFILLED), by, now)

    def refuse(self, request: str, reason: Refusal, by: str) -> Answer:
        """Refuse it as a whole, with its reason and the right to complain (Art. 12(4)).

        Raises Refused: `request-closed`, `request-begun`.
        """
        with self._register.transaction():
            found = self._open(request)
            if found.results:
                raise Refused(
                    f"Something of the request {request} is done already: it cannot be refused any more.",
                    hint="Carry it out to its end; what the law forbids is refused recording by recording.",
                    id="request-begun",
                )
            return self._close(replace(found, status=Status.REFUSED, refusal=reason), by, self._clock.now())

    def letter(self, request: str) -> str:
        """The letter of an answer once more, from what is still known: what was forgotten is not in it.

        Raises Refused: `unknown-request`, `request-open`.
        """
        found = self._register.request(request)
        if found.status is Status.OPEN:
            raise Refused(f"The request {request} has no answer yet.", id="request-open")
        return self._letter(found)

    def tick(self) -> None:
        """Raise an alarm about each request that must be answered soon, or should have been."""
        now = self._clock.now()
        for request in self._register.requests():
            if now >= request.answer_by:
                self._register.clear_alarm(DUE, request.id, now)
                message = "The time for the answer to this request is over."
                self._register.raise_alarm(Alarm(OVERDUE, request.id, now, message))
            elif now >= request.answer_by - SOON:
                message = "This request must be answered within days."
                self._register.raise_alarm(Alarm(DUE, request.id, now, message))

    # --- inside

    def _check_purposes(self, request: Request) -> None:
        kept_for = {
            term.purpose for each in self._acts.concerned(request) for term in self._register.terms(each)
        }
        if strangers := set(request.purposes) - kept_for:
            raise Refused(
                f"None of these recordings is or was kept for {min(strangers)!r}.",
                hint=f"There are: {', '.join(sorted(kept_for)) or 'none'}.",
                id="no-such-purpose",
            )

    def _open(self, request: str) -> Request:
        found = self._register.request(request)
        if found.status is not Status.OPEN:
            raise Refused(f"The request {request} has its answer.", id="request-closed")
        return found

    def _begin(self, request: Request, wish: Wish, by: str) -> Request:
        """Note what is about to be erased or to lose a purpose: afterwards no number leads to it any more."""
        if request.right not in ENDING:
            return request
        planned = self._acts.carry_out(request, wish, dry_run=True)
        intent = tuple(
            ResultOf(each.recording, "pending") if each.result in DONE_LATER else each for each in planned
        )
        if intent in (planned, request.results):
            return request
        with self._register.transaction():
            begun = replace(self._open(request.id), results=intent)
            self._register.change_request(begun, self._clock.now(), "request-begun", by)
        return begun

    def _close(self, request: Request, by: str, now: datetime) -> Answer:
        """The letter is handed out and not kept: of it the register has the SHA-256."""
        letter = self._letter(request)
        closed = replace(
            request,
            closed_at=now,
            closed_by=by,
            letter_sha256=hashlib.sha256(letter.encode()).hexdigest(),
        )
        forget = request.right is Right.ERASURE and request.status is Status.FULFILLED
        self._register.close_request(closed, forget=forget)
        for alarm in (DUE, OVERDUE):
            self._register.clear_alarm(alarm, request.id, now)
        return Answer(self._register.request(request.id), letter)

    def _letter(self, request: Request) -> str:
        lines = []
        for each in request.results:
            found = self._register.recording(each.recording)
            lines.append(Line(each.result, found.created_at, found.line, each.ground, each.until))
        recipients = {
            copy.recipient
            for each in request.results
            if each.result != "refused"
            for copy in self._register.handovers(each.recording)
            if copy.untold
        }
        texts = self._letters[request.language]
        return compose(
            texts,
            request,
            lines,
            sorted(recipients),
            self._controller(),
            self._zone,
            on_never_list=request.subject in {entry.index for entry in self._register.nevers()},
        )
