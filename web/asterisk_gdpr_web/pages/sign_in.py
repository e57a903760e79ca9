"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import drop_cookie, person, person_or_none, set_cookie
from asterisk_gdpr_web.language import local_path
from asterisk_gdpr_web.settings import services

page = Blueprint("sign_in", __name__)


@page.get("/sign-in")
def show() -> str | Response:
    """Ask for name and password."""
    wanted = local_path(request.args.get("next", ""))
    if person_or_none():
        return redirect(wanted, 303)
    return render_template("sign_in.html", next=wanted)


@page.post("/sign-in")
def begin() -> Response:
    """Begin a session, or say that name or password is wrong."""
    wanted = local_path(request.form.get("next", ""))
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        token, someone = services().accounts.sign_in(name, password, request.remote_addr or "")
    except Refused as refusal:
        form = render_template("sign_in.html", next=wanted, name=name, error=words_of(refusal))
        return refuse(refusal, form)
    # What was begun before the sign-in (the form token) may be known to others.
    session.clear()
    response = redirect(url_for("second.ask", next=wanted) if someone.halfway else wanted, 303)
    set_cookie(response, token)
    return response


@page.post("/sign-out")
def end() -> Response:
    """End the session, here and on the server."""
    services().listening.close(person().session)
    services().accounts.sign_out(g.token)
    session.clear()
    flash("flash.signed-out")
    response = redirect(url_for("sign_in.show"), 303)
    drop_cookie(response)
    return response
