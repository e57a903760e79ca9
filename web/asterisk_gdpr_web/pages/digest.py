"""The officer's digest of unusual listening: by the policy's limits, where an agreement allows it."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.settings import services

page = Blueprint("digest", __name__)


@page.get("/digest")
def show() -> str | Response:
    """Show the last seven days; that it was looked at is in the ledger."""
    try:
        digest = services().office.unusual.digest(person().name)
    except Refused as refusal:
        return refuse(refusal, render_template("digest.html", error=words_of(refusal)))
    return render_template("digest.html", digest=digest)
