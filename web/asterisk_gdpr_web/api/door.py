"""How programs come in: by a token, for what its scopes name and its person may, asking as described.

Every refusal is one shape: `error`, an id that may be relied on, `message`, and `hint`, what to do next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.service.people.sessions import SignedIn
from asterisk_gdpr_web import guard
from asterisk_gdpr_web.api.fit import misfit
from asterisk_gdpr_web.api.needs import NEEDS
from asterisk_gdpr_web.errors import as_json, status_of
from asterisk_gdpr_web.openapi import body_of, description, parameters
from asterisk_gdpr_web.settings import services

MOST = 100
"""No page of a list is longer."""

_STATUS = {
    "unknown-request": 404,
    "unknown-hold": 404,
    "unknown-never": 404,
    "no-such-alarm": 404,
    "agent-exists": 409,
    "withdrawn-already": 409,
    "request-closed": 409,
    "request-begun": 409,
    "hold-ended": 409,
    "key-used": 409,
}
"""Where programs are told more by the status than a form's page says by it; 404 is of what a path names."""

page = Blueprint("api", __name__, url_prefix="/api/v1")
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class Closed(Exception):
    """Nobody, or not for this."""

    def __init__(self, status: int, id: str, message: str) -> None:
        self.status, self.id, self.message = status, id, message


def guarded(view: F) -> F:
    """Let a request in by its token, and answer every refusal as JSON."""

    @wraps(view)
    def inside(*given: Any, **named: Any) -> Any:
        try:
            _admit()
            _understand()
            return view(*given, **named)
        except Closed as closed:
            return _refused(as_json(closed.status, closed.id, closed.message))
        except GdprError as error:
            status = _STATUS.get(error.id, status_of(error))
            return as_json(status, error.id, error.message, error.hint, error)
        except HTTPException as error:
            return as_json(error.code or 500)

    return cast(F, inside)


def _admit() -> None:
    scope, right = NEEDS[request.endpoint or ""]
    if right is None:
        return
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    known_token = services().tokens.who(secret) if kind.lower() == "bearer" and secret else None
    if known_token is None:
        raise Closed(401, "no-token", "There is no token, or it has ended.")
    token, user = known_token
    g.token_of = token
    g.person = SignedIn(user.name, user.roles, f"token:{token.id}", {}, user.lines, bool(user.second))
    if scope is not None and scope not in token.scopes:
        raise Closed(403, "scope-missing", f"The token is not for this: {scope}.")
    if not guard.allowed(right, user.roles, services().policy()):
        raise Closed(403, "not-entitled", "The token's person may not do this.")


def _understand() -> None:
    """Refuse what is asked in a word that we do not know: it was meant to change the answer."""
    path = re.sub(r"<(\w+)>", r"{\1}", str(request.url_rule)).removeprefix("/api/v1")
    known_words = parameters(path, request.method)
    if any(name not in known_words or len(given) > 1 for name, given in request.args.lists()):
        raise Refused("This asks for something that is not known, or twice.", id="unknown-parameter")
    texts = [name for name in request.args if known_words[name]["type"] == "string"]
    wrong = next(
        (each for name in texts if (each := misfit(known_words[name], request.args[name], name))), ""
    )
    expected = body_of(path, request.method)
    if not wrong and expected is not None:
        wrong = misfit(expected, body())
    if wrong:
        raise Refused(
            f"This is not what is asked for: {wrong}.",
            hint="/api/v1/openapi.json describes it.",
            id="not-as-described",
        )


@page.get("/openapi.json")
@guarded
def described() -> Response:
    """Describe everything below, for programs that read descriptions."""
    return jsonify(description())


def body() -> dict[str, Any]:
    """Return the JSON object that was sent; raises Refused `no-object`."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Refused("This asks for a JSON object.", id="no-object")
    return sent


def limit_of(said: object) -> int:
    """How long a page is to be; raises Refused `bad-limit`."""
    text = "50" if said is None else str(said)
    if not text.isdecimal() or not text.isascii() or not 0 < int(text[:6]) <= MOST:
        raise Refused(f"A page has 1 to {MOST} entries.", id="bad-limit")
    return int(text)


def paged(every: Sequence[T], id_of: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """One page of a list that has its order, and after which id the next one begins, if there is one.

    Raises Refused (`bad-limit`, `bad-after`).
    """
    limit, after = limit_of(request.args.get("limit")), request.args.get("after", "")
    start = 0
    if after:
        places = [place for place, each in enumerate(every) if id_of(each) == after]
        if not places:
            raise Refused("There is nothing of this id to go on after.", id="bad-after")
        start = places[0] + 1
    found = every[start : start + limit]
    return found, id_of(found[-1]) if start + limit < len(every) else None


def _refused(response: Response) -> Response:
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
