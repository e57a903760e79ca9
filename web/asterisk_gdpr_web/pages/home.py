"""The start: everybody is led to where their work is."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr_web.guard import Right, may

page = Blueprint("home", __name__)


@page.get("/")
def show() -> Response:
    """Lead to what goes on today, to one's own call, or to one's account, whichever there is first."""
    return redirect(url_for(_first()), 303)


def _first() -> str:
    if may(Right.OVERVIEW):
        return "today.show"
    return "strip.show" if may(Right.OWN_CALL) else "account.show"
