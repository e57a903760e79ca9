"""Signing in by the organisation's own OpenID provider, where the configuration names one.

The errand lies in a cookie of its own, signed and short-lived: the provider sends the browser back from
another site, and the session's cookies, which are strict, do not come along on that way.
For the same reason the way back ends on a page of ours that leads on by itself.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports.provider import Errand, Provider
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import set_cookie
from asterisk_gdpr_web.language import local_path
from asterisk_gdpr_web.settings import services, settings

page = Blueprint("openid", __name__)

_LONGEST = 600
"""Seconds that somebody may take at the provider."""


@page.get("/sign-in/openid")
def send() -> Response:
    """Send the browser to the provider."""
    wanted = local_path(request.args.get("next", ""))
    try:
        address, errand = _provider().send(_back())
    except GdprError as error:
        return refuse(error, render_template("sign_in.html", next=wanted, error=words_of(error)))
    response = redirect(address, 303)
    response.set_cookie(
        _cookie(),
        _signer().dumps([errand.state, errand.nonce, errand.verifier, wanted]),
        max_age=_LONGEST,
        secure=settings().https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


@page.get("/sign-in/openid/back")
def receive() -> Response:
    """Begin a session for whom the provider vouches for, if they are known here."""
    try:
        state, nonce, verifier, wanted = _signer().loads(request.cookies.get(_cookie(), ""), max_age=_LONGEST)
    except BadData:
        stale = Refused("This sign-in was not begun here, or too long ago.", id="provider-refused")
        return _forget(refuse(stale, render_template("sign_in.html", next="/", error=words_of(stale))))
    try:
        name = _provider().receive(request.args, Errand(state, nonce, verifier), _back())
        token, someone = services().accounts.vouched(name)
    except GdprError as error:
        return _forget(refuse(error, render_template("sign_in.html", next=wanted, error=words_of(error))))
    session.clear()  # as after a password: what was begun before may be known to others
    onward = url_for("second.ask", next=wanted) if someone.halfway else wanted
    response = Response(
        render_template("onward.html", onward=onward), content_type="text/html; charset=utf-8"
    )
    set_cookie(response, token)
    return _forget(response)


def _provider() -> Provider:
    provider = services().provider
    if provider is None:
        abort(404)
    return provider


def _back() -> str:
    return url_for("openid.receive", _external=True)


def _cookie() -> str:
    return "__Host-errand" if settings().https else "errand"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="openid-errand")


def _forget(response: Response) -> Response:
    """An errand is run once, whatever came of it."""
    response.delete_cookie(_cookie(), secure=settings().https, httponly=True, samesite="Lax", path="/")
    return response
