"""Requests as rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.deadlines import begin
from asterisk_gdpr.adapters.register.kinds import wipe_words
from asterisk_gdpr.adapters.register.tables import request_words, requests
from asterisk_gdpr.core.ledger import told_by
from asterisk_gdpr.core.requests import Identity, Refusal, Request, ResultOf, Right, Status
from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Refused

_with_words = select(requests, request_words.c.subject, request_words.c.contact, request_words.c.asked).join(
    request_words, request_words.c.request == requests.c.id
)


class Requests(Book):
    """Plays `ports.RequestBook`."""

    def add_request(self, request: Request) -> None:
        """The ledger has our id and the right, and nothing of the person."""
        with self._database.writing() as connection:
            connection.execute(
                insert(requests).values(
                    id=request.id,
                    right=request.right,
                    received_at=request.received_at,
                    opened_at=request.opened_at,
                    opened_by=request.opened_by,
                    language=request.language,
                    recordings=list(request.recordings),
                    purposes=list(request.purposes),
                    **_changing(request),
                )
            )
            connection.execute(
                insert(request_words).values(
                    request=request.id,
                    subject=request.subject or b"",
                    contact=request.contact,
                    asked=request.asked,
                )
            )
            entry = {"request": request.id, "right": request.right}
            append(connection, request.opened_at, "request-opened", entry)

    def change_request(self, request: Request, at: datetime, kind: str, user: str = "") -> None:
        """What it was opened with stays."""
        with self._database.writing() as connection:
            _open_row(connection, request.id)
            changed = update(requests).where(requests.c.id == request.id).values(**_changing(request))
            connection.execute(changed)
            append(connection, at, kind, {"request": request.id, **told_by(user)})

    def close_request(self, request: Request, *, forget: bool) -> None:
        """Its period begins in the same transaction."""
        assert request.closed_at is not None, "an answer has its time"
        with self._database.writing() as connection:
            _open_row(connection, request.id)
            changed = update(requests).where(requests.c.id == request.id).values(**_changing(request))
            connection.execute(changed)
            if forget:
                wipe_words(connection, [request.id, *_answered_before(connection, request)])
            begin(connection, "requests", request.id, request.closed_at)
            entry = {"request": request.id, "letter_sha256": request.letter_sha256}
            append(connection, request.closed_at, f"request-{request.status}", entry)

    def forget_requests(self, requests: Collection[str]) -> None:
        """Overwrite their words, and the index of the number."""
        with self._database.writing() as connection:
            wipe_words(connection, sorted(requests))

    def request(self, request: str) -> Request:
        """One request by its id."""
        with self._database.reading() as connection:
            return _request(_row(connection, request))

    def requests(self, *, closed: bool = False) -> list[Request]:
        """By the day on which their answer is due."""
        query = _with_words.order_by(requests.c.answer_by, requests.c.id)
        if not closed:
            query = query.where(requests.c.status == Status.OPEN)
        with self._database.reading() as connection:
            return [_request(row) for row in connection.execute(query)]


def _row(connection: Connection, id: str) -> Row[Any]:
    row = connection.execute(_with_words.where(requests.c.id == id)).one_or_none()
    if row is None:
        raise unknown("request", id)
    return row


def _open_row(connection: Connection, id: str) -> None:
    if _row(connection, id).status != Status.OPEN:
        raise Refused(f"The request {id} has its answer.", id="request-closed")


def _answered_before(connection: Connection, request: Request) -> list[str]:
    """The requests of the same number that have their answer."""
    if request.subject is None:
        return []
    query = (
        select(requests.c.id)
        .join(request_words, request_words.c.request == requests.c.id)
        .where(request_words.c.subject == request.subject, requests.c.status != Status.OPEN)
    )
    return list(connection.execute(query).scalars())


def _changing(request: Request) -> dict[str, Any]:
    """The columns that change on the way to the answer."""
    return {
        "answer_by": request.answer_by,
        "identity": request.identity,
        "identified_at": request.identified_at,
        "identified_by": request.identified_by,
        "assigned_to": request.assigned_to,
        "extended_at": request.extended_at,
        "extension": request.extension,
        "status": request.status,
        "closed_at": request.closed_at,
        "closed_by": request.closed_by,
        "refusal": request.refusal,
        "results": [
            [each.recording, each.result, each.ground, each.until and to_text(each.until)]
            for each in request.results
        ],
        "letter_sha256": request.letter_sha256,
    }


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        right=Right(row.right),
        received_at=row.received_at,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        answer_by=row.answer_by,
        language=row.language,
        subject=row.subject,
        recordings=tuple(row.recordings),
        purposes=tuple(row.purposes),
        contact=row.contact,
        asked=row.asked,
        identity=Identity(row.identity) if row.identity else None,
        identified_at=row.identified_at,
        identified_by=row.identified_by,
        assigned_to=row.assigned_to,
        extended_at=row.extended_at,
        extension=row.extension,
        status=Status(row.status),
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        refusal=Refusal(row.refusal) if row.refusal else None,
        results=tuple(
            ResultOf(recording, result, ground, from_text(until) if until else None)
            for recording, result, ground, until in row.results
        ),
        letter_sha256=row.letter_sha256,
    )
