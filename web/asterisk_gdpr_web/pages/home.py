"""The start: everybody is led to where their work is."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr_web.guard import Right, may

page = Blueprint("home", __name__)


@page.get("/")
def show() -> Response:
    """Lead to the recordings, or to the vault for those who only run the system."""
    return redirect(url_for("recordings.shelf" if may(Right.RECORDINGS) else "vault.show"), 303)
