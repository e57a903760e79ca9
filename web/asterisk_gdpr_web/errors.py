"""What a person sees when something is refused or fails: plain words, the right status, no traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from asterisk_gdpr.errors import Damaged, GdprError, Refused, Unreachable
from asterisk_gdpr.service.people.throttle import TooManyAttempts
from asterisk_gdpr_web import phrases
from asterisk_gdpr_web.faults import about
from asterisk_gdpr_web.language import language, say, say_or
from asterisk_gdpr_web.refilled import refilled

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

_STATUS = {
    "not-entitled": 403,
    "needs-approval": 403,
    "not-your-line": 403,
    "old-password": 403,
    "restricted": 403,
    "purpose-ended": 403,
    "unknown-recording": 404,
    "unknown-clip": 404,
    "unknown-call": 404,
    "container-missing": 404,
    "not-sealed": 409,
    "no-recording": 409,
    "erased": 410,
    "vault-locked": 423,
    "too-many-attempts": 429,
    "not-signed-in": 401,
    "provider-refused": 401,
    "no-account": 403,
}
_PLAIN = {
    400: "This cannot be read.",
    404: "There is no such thing here.",
    405: "This is not done here.",
    413: "This is too long.",
    500: "Something went wrong in the page; its log has more.",
}
"""For programs, where nothing else says it."""
_TITLED = (400, 401, 403, 404, 405, 409, 410, 413, 416, 423, 429, 500, 503)


def install(app: Flask) -> None:
    """Answer every error with a page of its own."""
    app.register_error_handler(GdprError, _ours)
    app.register_error_handler(SecurityError, _unknown_host)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def status_of(error: GdprError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, Unreachable):
        return 503
    if isinstance(error, Damaged):
        return 500
    return _STATUS.get(error.id, 400)


def words_of(error: GdprError) -> str:
    """Return what an error says in the person's language; its id where there are no words for it in that."""
    if isinstance(error, Unreachable):
        return say_or(f"error.{error.id}", say("error.unreachable"))
    words = say_or(f"error.{error.id}", "")
    return words or phrases.said(str(error), language()) or say("error.other", id=error.id)


def refuse(error: GdprError, html: str) -> Response:
    """Answer with a page that shows the error, its form as it was sent, and with the error's status."""
    if request.method == "POST":
        action = request.script_root + request.path
        html = refilled(html, action, request.form, words_of(error), about(error))
    return _when_again(make_response(html, status_of(error)), error)


def as_json(
    status: int, id: str = "", message: str = "", hint: str = "", error: GdprError | None = None
) -> Response:
    """Answer a program: what it was by an id, what is wrong, and what to do next, if anybody knows."""
    told = {"error": id or ("not-found" if status == 404 else "refused"), "message": message, "hint": hint}
    if not message:
        told["message"] = _PLAIN.get(status, "This is refused.")
    response = jsonify(told)
    response.status_code = status
    return _when_again(response, error)


def _when_again(response: Response, error: GdprError | None) -> Response:
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.seconds)
    if isinstance(error, Unreachable):
        response.headers["Retry-After"] = "5"
    return response


def again(
    page: Callable[Concatenate[str, P], str],
) -> Callable[[Callable[P, T]], Callable[P, T | Response]]:
    """Show what is refused on the page whose form was sent: `page` draws it, given the error's words."""

    def around(act: Callable[P, T]) -> Callable[P, T | Response]:
        @wraps(act)
        def tried(*args: P.args, **kwargs: P.kwargs) -> T | Response:
            try:
                return act(*args, **kwargs)
            except Refused as refusal:
                return refuse(refusal, page(words_of(refusal), *args, **kwargs))

        return tried

    return around


def _for_a_program() -> bool:
    """Whether whoever asks reads JSON and no page."""
    return request.path.startswith("/api/")


def _ours(error: GdprError) -> Response:
    status = status_of(error)
    if status >= 500:
        log.error("%s at %s", error.id, request.endpoint)
    if _for_a_program():
        return as_json(status, error.id, error.message, error.hint, error)
    return refuse(error, _html(status, words_of(error)))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    if _for_a_program():
        return as_json(status)
    response = _page(status, say(f"status.{status}.text") if status in _TITLED else "")
    if status == 416:
        # Players learn the length from it (RFC 9110, 15.5.17).
        response.headers.update(error.get_headers())
        response.content_type = "text/html; charset=utf-8"
    return response


def _stale_form(_: CSRFError) -> Response:
    return _page(400, say("error.stale-form"))


def _unknown_host(_: SecurityError) -> Response:
    # No address of ours can be built under a name that is not ours, so no page can be drawn.
    return Response("This page is not served under this name.\n", 400, content_type="text/plain")


def _bug(error: Exception) -> Response:
    # The message may quote what a person typed; where it happened is in the traceback's lines alone.
    silent = Exception(type(error).__name__)
    log.error("at %s", request.endpoint, exc_info=(Exception, silent, error.__traceback__))
    if _for_a_program():
        return as_json(500)
    return _page(500, say("status.500.text"))


def _page(status: int, text: str) -> Response:
    return make_response(_html(status, text), status)


def _html(status: int, text: str) -> str:
    title = say(f"status.{status}.title" if status in _TITLED else "status.500.title")
    return render_template("error.html", title=title, text=text, status=status)
