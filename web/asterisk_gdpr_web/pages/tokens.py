"""A person's tokens for programs: made with scopes and an end, shown once, ended at any time."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.settings import services

page = Blueprint("tokens", __name__)


@page.get("/account/tokens")
def show() -> str:
    """Show one's own tokens."""
    return _page()


@page.post("/account/tokens")
def change() -> Response | str:
    """Make one, or end one."""
    form, tokens, name = request.form, services().tokens, person().name
    try:
        if form.get("do") == "end":
            tokens.end(form.get("token", ""), name)
            flash("flash.token-ended")
            return redirect(url_for("tokens.show"), 303)
        days = form.get("days", "")
        secret, _ = tokens.make(
            name,
            form.get("name", ""),
            form.getlist("scope"),
            int(days) if days.isdecimal() and len(days) < 5 else 0,
        )
    except Refused as refusal:
        return refuse(refusal, _page(error=words_of(refusal)))
    return _page(secret=secret)


def _page(**more: str) -> str:
    now = services().clock.now()
    living = [t for t in services().tokens.of(person().name) if t.ended_at is None and now < t.ends_at]
    return render_template("tokens.html", tokens=living, scopes=list(Scope), **more)
