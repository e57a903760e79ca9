"""The letter that answers a request, from what was really done: sentences of a template, one for each fact.

Nothing is said that is not so: each recording stands under the result that it had, with its ground and its
day; what survives and who else was told is named; a refusal bears its reasons and the right to complain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from asterisk_gdpr.core.call.state import Outcome
from asterisk_gdpr.core.policy import Basis, Controller
from asterisk_gdpr.core.requests import Identity, Refusal, Request, Right

RESULTS = ("given", "erased", "kept", "held", "refused", "missing", "restricted", "corrected")
"""What a letter can say of a recording, in this order."""

GROUNDS = (
    "legal-obligation",
    "legal-claims",
    "authority",
    "not-objectable",
    "no-consent",
    "other-purposes",
    "erased-before",
    "not-portable",
    "not-closed",
)
"""The grounds that it can name."""

SENTENCES: Mapping[str, frozenset[str]] = {
    "greeting": frozenset(),
    "received": frozenset({"received", "request"}),
    "extended": frozenset({"reason", "answer_by"}),
    "nothing_found": frozenset(),
    "call": frozenset({"at", "line"}),
    "until": frozenset({"until"}),
    "ground": frozenset({"ground"}),
    "survives": frozenset(),
    "never_list": frozenset(),
    "recipients": frozenset({"recipients"}),
    "refused": frozenset({"reason"}),
    "complaint": frozenset({"authority"}),
    "no_authority": frozenset(),
    "contact": frozenset({"contact", "privacy_url"}),
    "officer": frozenset({"officer"}),
    "closing": frozenset({"controller"}),
}
"""Every sentence, and the fields that it may hold."""

CHOICES = frozenset(
    {Outcome.AGREED, Outcome.NOT_OBJECTED, Outcome.REFUSED, Outcome.PARTIAL, Outcome.MANDATORY}
)
"""What a caller can have chosen whose call was recorded."""

CODES: Mapping[str, frozenset[str]] = {
    "rights": frozenset(Right),
    "identities": frozenset(Identity),
    "results": frozenset(RESULTS),
    "grounds": frozenset(GROUNDS),
    "refusals": frozenset(Refusal),
    "bases": frozenset(Basis),
    "choices": CHOICES,
    "package": frozenset(
        {
            "title",
            "officer",
            "made",
            "caller",
            "both",
            "masked",
            "line",
            "queue",
            "recording",
            "ended",
            "choice",
            "heard",
            "not_heard",
            "purpose",
            "until",
            "recipients",
            "nobody",
            "correction",
            "comment",
            "hosts",
            "law",
            "rights",
            "source",
            "automated",
            "complaint",
        }
    ),
}
"""Every table of words for codes."""


@dataclass(frozen=True)
class LetterTexts:
    """One language's sentences; `date` and `moment` are patterns of `strftime`."""

    language: str
    date: str
    moment: str
    sentences: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    """By table (`CODES`) and code."""


@dataclass(frozen=True)
class Line:
    """One recording in a letter: its call, and what became of it."""

    result: str
    at: datetime
    line: str
    ground: str = ""
    until: datetime | None = None


def compose(
    texts: LetterTexts,
    request: Request,
    lines: Sequence[Line],
    recipients: Sequence[str],
    controller: Controller,
    zone: tzinfo,
    *,
    on_never_list: bool = False,
) -> str:
    """The letter as plain text, one paragraph a line and an empty line between."""
    say, words = texts.sentences, texts.words

    def day(at: datetime) -> str:
        return at.astimezone(zone).strftime(texts.date)

    def last_day(end: datetime) -> str:
        return day(end - timedelta.resolution)

    parts = [
        *([request.contact] if request.contact else []),
        words["rights"][request.right],
        say["greeting"],
        say["received"].format(received=day(request.received_at), request=request.id),
    ]
    if request.identity is not None:
        parts.append(words["identities"][request.identity])
    if request.extended_at is not None and request.extension:
        parts.append(say["extended"].format(reason=request.extension, answer_by=last_day(request.answer_by)))
    if request.refusal is not None:
        parts.append(say["refused"].format(reason=words["refusals"][request.refusal]))
    elif not lines:
        parts.append(say["nothing_found"])
    parts += _results(texts, lines, zone, last_day)
    if any(line.result in ("erased", "missing") for line in lines):
        parts.append(say["survives"])
    if on_never_list:
        parts.append(say["never_list"])
    if recipients:
        parts.append(say["recipients"].format(recipients=", ".join(recipients)))
    if request.refusal is not None or any(line.result in ("refused", "held") for line in lines):
        authority = controller.authority
        parts.append(say["complaint"].format(authority=authority) if authority else say["no_authority"])
    parts.append(say["contact"].format(contact=controller.contact, privacy_url=controller.privacy_url))
    if controller.officer:
        parts.append(say["officer"].format(officer=controller.officer))
    parts.append(say["closing"].format(controller=controller.name))
    return "\n\n".join(parts) + "\n"


def _results(
    texts: LetterTexts, lines: Sequence[Line], zone: tzinfo, last_day: Callable[[datetime], str]
) -> list[str]:
    say, words = texts.sentences, texts.words
    told = []
    for result in RESULTS:
        calls = []
        for line in sorted((each for each in lines if each.result == result), key=lambda each: each.at):
            call = say["call"].format(at=line.at.astimezone(zone).strftime(texts.moment), line=line.line)
            if line.ground:
                call += say["ground"].format(ground=words["grounds"][line.ground])
            if line.until is not None:
                call += say["until"].format(until=last_day(line.until))
            calls.append(call)
        if calls:
            told.append("\n".join([words["results"][result], *calls]))
    return told
