"""The start: everybody is led to where their work is."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr_web.guard import Right, may

page = Blueprint("home", __name__)


@page.get("/")
def show() -> Response:
    """Lead to what goes on today, or to their own account those who have no part in it."""
    return redirect(url_for("today.show" if may(Right.OVERVIEW) else "account.show"), 303)
