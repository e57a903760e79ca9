"""A person's own account: name, roles, password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.faults import Mistyped
from asterisk_gdpr_web.guard import drop_cookie, person
from asterisk_gdpr_web.settings import services

page = Blueprint("account", __name__)


@page.get("/account")
def show() -> str:
    """Show who is signed in, and the form for a new password."""
    return render_template("account.html")


@page.post("/account/password")
def change_password() -> Response:
    """Set a new password and end every session of this person."""
    form = request.form
    old, new = form.get("old", ""), form.get("new", "")
    try:
        if new != form.get("again", ""):
            raise Mistyped("The two are not the same.", id="passwords-differ", field="again")
        services().accounts.change_password(person().name, old, new, address=request.remote_addr or "")
    except Refused as refusal:
        if refusal.id == "not-signed-in":
            refusal = Mistyped("This is not the password of now.", id="old-password", field="old")
        return refuse(refusal, render_template("account.html", error=words_of(refusal)))
    services().listening.close(person().session)
    session.clear()
    flash("flash.password-changed")
    response = redirect(url_for("sign_in.show"), 303)
    drop_cookie(response)
    return response
