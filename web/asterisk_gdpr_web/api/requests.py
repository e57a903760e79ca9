"""For programs: requests of data subjects, opened by a ticket system, say, and answered by who may.

What a person wrote (`contact`, `asked`) is taken and not told again; the letter is handed out once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request

from asterisk_gdpr.core.requests import Identity, Refusal, Request, ResultOf, Right, Status
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.rights.naming import Said
from asterisk_gdpr.service.rights.requests import Answer
from asterisk_gdpr_web import answering
from asterisk_gdpr_web.api.door import body, guarded, page, paged
from asterisk_gdpr_web.api.once import once, same
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.handing_out import as_file
from asterisk_gdpr_web.settings import services


@page.get("/requests")
@guarded
def requests() -> Response:
    """List them, those that are due first."""
    listed = services().register.requests(closed=request.args.get("status") == "all")
    found, after = paged(listed, lambda each: each.id)
    return jsonify({"requests": [_told(each) for each in found], "after": after})


@page.post("/requests")
@guarded
def open_request() -> Response:
    """Take one; sent again under the same key it is the same one, as it is now."""
    sent = body()
    right, received = Right(sent["right"]), sent.get("received_at")
    with once("q") as id:
        made = _there(id)
        if made is not None:
            _must_be_the_same(made, sent)
            return jsonify(_told(made))
        made = answering.take(
            right,
            received_at=datetime.fromisoformat(received) if received else None,
            id=id,
            **{name: sent[name] for name in sent if name not in ("right", "received_at")},
        )
    return jsonify(_told(made))


@page.get("/requests/<request>")
@guarded
def one_request(request: str) -> Response:
    """Tell of one; while it is open, what carrying it out would come to."""
    found = services().register.request(request)
    planned: Iterable[ResultOf] = ()
    if found.status is Status.OPEN:
        try:
            planned = services().office.requests.plan(request).request.results
        except Refused as refusal:
            if refusal.id not in ("no-text", "no-ground"):
                raise
            # Whoever carries it out says these; nothing can be told before.
    return jsonify({**_told(found), "plan": [_result(each) for each in planned]})


@page.post("/requests/<request>/identify")
@guarded
def identify(request: str) -> Response:
    """Note by which method it was made sure who asks."""
    how = Identity(body()["how"])
    return jsonify(_told(services().office.requests.identify(request, how, person().name)))


@page.post("/requests/<request>/assign")
@guarded
def assign(request: str) -> Response:
    """Give it to somebody."""
    return jsonify(_told(services().office.requests.assign(request, body()["to"], person().name)))


@page.post("/requests/<request>/extend")
@guarded
def extend(request: str) -> Response:
    """Take two more months."""
    return jsonify(_told(services().office.requests.extend(request, body()["why"], person().name)))


@page.post("/requests/<request>/package")
@guarded
def package(request: str) -> Response:
    """Hand out the copies as an age file."""
    sent = body()
    sealed = answering.copies(request, sent.get("recipient", ""), sent.get("passphrase", ""), sent["voices"])
    return as_file(sealed, f"{request}.zip.age")


@page.post("/requests/<request>/fulfil")
@guarded
def fulfil(request: str) -> Response:
    """Carry it out, and say what came of it."""
    sent = body()
    answering.must_be_theirs(request)
    wish = answering.wish(sent.get("text", ""), sent.get("ground", ""))
    return _answered(services().office.requests.fulfil(request, person().name, wish))


@page.post("/requests/<request>/refuse")
@guarded
def refuse(request: str) -> Response:
    """Refuse it as a whole, with its reason."""
    reason = Refusal(body()["reason"])
    return _answered(services().office.requests.refuse(request, reason, person().name))


def _there(id: str) -> Request | None:
    """What an earlier request under the same key has made."""
    try:
        return services().register.request(id) if id else None
    except Refused:
        return None


def _must_be_the_same(made: Request, sent: dict[str, Any]) -> None:
    """Raise Refused (`key-used`) unless the key was for this, as far as is still known of who asked."""
    same((made.right, made.language), (sent["right"], sent.get("language", "en")))
    receipt, reference = sent.get("receipt", ""), sent.get("reference", "")
    code = bool(receipt or reference)
    if "number" in sent and not code and made.status is Status.OPEN:
        same(made.subject, services().library.index_of(sent["number"]))
    same(set(sent.get("recordings", ())) <= set(made.recordings), True)
    if code:
        meant = _meant(Said(sent.get("number", ""), receipt, reference))
        same(not meant or not set(meant).isdisjoint(made.recordings), True)


def _meant(said: Said) -> list[str]:
    """The recordings that a code names now; what was erased since is found by nothing."""
    try:
        return services().office.naming.recordings(said)
    except Refused:
        return []


def _answered(answer: Answer) -> Response:
    return jsonify({**_told(answer.request), "letter": answer.letter or None})


def _told(found: Request) -> dict[str, Any]:
    is_open = found.status is Status.OPEN
    return {
        "request": found.id,
        "right": found.right,
        "status": found.status,
        "received_at": to_text(found.received_at),
        "answer_by": to_text(found.answer_by),
        "days_left": (found.answer_by - services().clock.now()).days if is_open else None,
        "language": found.language,
        "identity": found.identity,
        "assigned_to": found.assigned_to or None,
        "extended_at": to_text(found.extended_at) if found.extended_at else None,
        "closed_at": to_text(found.closed_at) if found.closed_at else None,
        "refusal": found.refusal,
        "results": [_result(each) for each in found.results],
    }


def _result(each: ResultOf) -> dict[str, Any]:
    return {
        "recording": each.recording,
        "result": each.result,
        "ground": each.ground or None,
        "until": to_text(each.until) if each.until else None,
    }
