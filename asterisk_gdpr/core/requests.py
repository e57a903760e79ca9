"""Requests of data subjects: what may be asked, how long the answer may take, and what must be so before it.

The clock begins with the receipt, wherever the request lay meanwhile: one month, reckoned as the other
periods are; two months more where the person was told so, with the reasons, within the first
(Art. 12(3) GDPR). A month that ends at a weekend is not made longer: the person should not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from asterisk_gdpr.core.policy import Period, Unit
from asterisk_gdpr.core.retention import add_period

SOON = timedelta(days=7)
"""So long before its last day a request is brought to mind."""


NOTHING_LEFT = ("not-objectable", "no-consent")
"""Why an objection or a withdrawal is refused for a recording: no purpose is left that it could end."""


class Right(StrEnum):
    """What a person asks for."""

    ACCESS = "access"
    """Art. 15: a copy, and all about it."""
    PORTABILITY = "portability"
    """Art. 20: a copy for another controller, of what rests on consent or a contract."""
    RECTIFICATION = "rectification"
    """Art. 16: their words beside the recording."""
    ERASURE = "erasure"
    """Art. 17."""
    RESTRICTION = "restriction"
    """Art. 18."""
    OBJECTION = "objection"
    """Art. 21: purposes that rest on interests or a public task end."""
    WITHDRAWAL = "withdrawal"
    """Art. 7(3): purposes that rest on consent end."""


class Identity(StrEnum):
    """How it was made sure that the person is who they say (Art. 12(6)); never a copy that is kept."""

    CALLBACK = "callback"
    """They were called back at the number in question."""
    RECEIPT = "receipt"
    """They named the receipt of the call."""
    KNOWLEDGE = "knowledge"
    """They knew of the call what only they can know."""
    ACCOUNT = "account"
    """They were signed in to their account."""
    DOCUMENT = "document"
    """A document was looked at, and not copied."""
    IN_PERSON = "in-person"
    """They came, and are known."""


class Status(StrEnum):
    """How a request stands."""

    OPEN = "open"
    FULFILLED = "fulfilled"
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why a request as a whole is refused; the person is told, and where they can complain (Art. 12(4))."""

    NOT_IDENTIFIED = "not-identified"
    """It could not be made sure who they are: Art. 11(2), 12(2)."""
    UNFOUNDED = "unfounded"
    """Manifestly unfounded: Art. 12(5)."""
    EXCESSIVE = "excessive"
    """Manifestly excessive, repeated above all: Art. 12(5)."""
    LEGAL_OBLIGATION = "legal-obligation"
    """A duty of law demands the recording: Art. 17(3)(b)."""
    LEGAL_CLAIMS = "legal-claims"
    """Needed for legal claims: Art. 17(3)(e)."""
    OTHERS = "others"
    """It would harm the rights of others: Art. 15(4), 20(4)."""


class Voices(StrEnum):
    """Whose voices a copy holds."""

    CALLER = "caller"
    """The data subject's alone."""
    BOTH = "both"
    """Everybody's."""
    MASKED = "masked"
    """The data subject's, and those of the others made unintelligible (Art. 15(4))."""


@dataclass(frozen=True)
class ResultOf:
    """What became of one recording, as codes: what was done, the ground and its day."""

    recording: str
    result: str
    ground: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Request:
    """One request. `contact` and `asked` are a person's words and go with it; names are our own people's.

    `subject` is the blind index of the person's number (None: none was named, or it is erased);
    `recordings` are those named one by one, `purposes` those objected to or withdrawn (empty: all).
    """

    id: str
    right: Right
    received_at: datetime
    opened_at: datetime
    opened_by: str
    answer_by: datetime
    language: str
    subject: bytes | None = None
    recordings: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    contact: str = ""
    asked: str = ""
    identity: Identity | None = None
    identified_at: datetime | None = None
    identified_by: str = ""
    assigned_to: str = ""
    extended_at: datetime | None = None
    extension: str = ""
    status: Status = Status.OPEN
    closed_at: datetime | None = None
    closed_by: str = ""
    refusal: Refusal | None = None
    results: tuple[ResultOf, ...] = ()
    letter_sha256: str = ""


def answer_by(received_at: datetime, zone: tzinfo, *, extended: bool = False) -> datetime:
    """The end of the last day on which the answer is in time."""
    return add_period(received_at, Period(3 if extended else 1, Unit.MONTHS), zone)


def may_extend(request: Request, now: datetime) -> bool:
    """Once, and only while the first month lasts: the person must be told within it."""
    return request.status is Status.OPEN and request.extended_at is None and now < request.answer_by


def merged(before: Iterable[ResultOf], now: Iterable[ResultOf]) -> tuple[ResultOf, ...]:
    """The results of a further run; what can be done but once was done by an earlier one."""
    earlier = {each.recording: each for each in before}
    results = dict(earlier)
    for each in now:
        old = earlier.get(each.recording)
        results[each.recording] = each if old is None else _of_both(old, each)
    return tuple(results[recording] for recording in sorted(results))


def _of_both(old: ResultOf, new: ResultOf) -> ResultOf:
    """A recording that is gone by now was erased by the request; a purpose that is gone was ended by it."""
    if new.result == "missing" and old.result in ("erased", "pending", "held"):
        return ResultOf(new.recording, "erased")
    if new.ground in NOTHING_LEFT and old.result in ("kept", "pending"):
        return ResultOf(new.recording, "kept", "other-purposes")
    return new


def failed(results: Iterable[ResultOf]) -> bool:
    """Whether one of them is not done: then the request is not."""
    return any(each.result == "pending" for each in results)
