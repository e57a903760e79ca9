"""One-time codes: owed after the password by those who have them, and set up by each person themselves."""

from __future__ import annotations

import re

import segno
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import drop_cookie, person, set_cookie
from asterisk_gdpr_web.language import local_path
from asterisk_gdpr_web.settings import services

_SECRET = re.compile(r"[A-Z2-7]{32}")
page = Blueprint("second", __name__)


@page.get("/sign-in/code")
def ask() -> str | Response:
    """Ask whoever has given their password for the code of their telephone."""
    wanted = local_path(request.args.get("next", ""))
    if not person().halfway:
        return redirect(wanted, 303)
    return render_template("code.html", next=wanted)


@page.post("/sign-in/code")
def give() -> Response:
    """Take the code, and begin the session proper under another token."""
    wanted = local_path(request.form.get("next", ""))
    if not person().halfway:
        return redirect(wanted, 303)
    try:
        token, _ = services().accounts.complete(g.token, request.form.get("code", ""))
    except Refused as refusal:
        if refusal.id == "not-signed-in":
            response = redirect(url_for("sign_in.show"), 303)
            drop_cookie(response)
            return response
        return refuse(refusal, render_template("code.html", next=wanted, error=words_of(refusal)))
    response = redirect(wanted, 303)
    set_cookie(response, token)
    return response


@page.get("/account/second")
def show() -> str:
    """Offer a secret to be taken up by a telephone; it holds once a code of it is given back."""
    return _offer()


@page.post("/account/second")
def enrol() -> Response | str:
    """Take the first code, and show the recovery codes once."""
    form = request.form
    accounts = services().accounts
    user = accounts.user(person().name)
    if user.second:
        return redirect(url_for("account.show"), 303)
    try:
        codes = accounts.second.enrol(user, form.get("secret", ""), form.get("code", ""))
    except Refused as refusal:
        return refuse(refusal, _offer(form.get("secret", ""), error=words_of(refusal)))
    return render_template("recovery.html", codes=codes)


@page.post("/account/second/end")
def end() -> Response:
    """Ask for codes no more."""
    accounts = services().accounts
    try:
        accounts.second.end(accounts.user(person().name), request.form.get("code", ""))
    except Refused as refusal:
        return refuse(refusal, render_template("account.html", error=words_of(refusal)))
    flash("flash.second-ended")
    return redirect(url_for("account.show"), 303)


def _offer(secret: str = "", *, error: str = "") -> str:
    known = secret if _SECRET.fullmatch(secret) else ""
    offered = services().accounts.second.offer(person().name, known)
    return render_template("second.html", offered=offered, picture=_picture(offered.address), error=error)


def _picture(address: str) -> Markup:
    """The address as a QR code, drawn here: the secret goes nowhere else."""
    code = segno.make(address, error="m")
    rows = [
        "".join(f"M{x} {y}h1v1h-1z" for x, dark in enumerate(row) if dark)
        for y, row in enumerate(code.matrix)
    ]
    size = len(rows)
    path = "".join(rows)
    # Made of digits and of a few letters alone.
    return Markup('<svg class="qr" viewBox="-3 -3 {0} {0}"><path d="{1}"/></svg>').format(size + 6, path)
