"""How the page looks: light or dark, as the system does or as the person says."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from asterisk_gdpr_web.language import local_path
from asterisk_gdpr_web.settings import settings

COOKIE = "look"
LOOKS = ("light", "dark")
page = Blueprint("look", __name__)


def chosen() -> str:
    """Return `light` or `dark` if the person chose one; empty: what their system says."""
    wanted = request.cookies.get(COOKIE, "")
    return wanted if wanted in LOOKS else ""


@page.post("/look")
def switch() -> Response:
    """Look so from now on, and go back to where the person was."""
    response = redirect(local_path(request.form.get("next", "")), 303)
    wanted = request.form.get("look", "")
    if wanted in LOOKS:
        response.set_cookie(
            COOKIE, wanted, max_age=365 * 24 * 3600, secure=settings().https, httponly=True, samesite="Strict"
        )
    else:
        response.delete_cookie(COOKIE, secure=settings().https, httponly=True, samesite="Strict")
    return response
