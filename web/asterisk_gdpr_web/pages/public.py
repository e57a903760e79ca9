"""For everybody: what is done with calls, line by line, and what a caller can do by the code of a call.

All of it lies under `/privacy`, so that a proxy can show the outside this and nothing else.
"""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from asterisk_gdpr.core.policy import Receipt
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.documents.documents import Kind
from asterisk_gdpr.service.rights.receipt_desk import Wish
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.language import language
from asterisk_gdpr_web.settings import services

page = Blueprint("public", __name__, url_prefix="/privacy")


@page.get("")
def show() -> str:
    """Say who records, and lead to the notice of each line."""
    documents, policy = services().office.documents, services().policy()
    written = set(documents.languages(Kind.NOTICE))
    lines: dict[str, list[str]] = {}
    for line, tongue in documents.notices():
        if tongue in written:
            lines.setdefault(line, []).append(tongue)
    return render_template(
        "privacy.html", controller=policy.controller, lines=lines, receipts=_has_receipts()
    )


@page.get("/line/<line>/<tongue>")
def notice(line: str, tongue: str) -> str:
    """Show the privacy notice of a line, as the policy in force has it."""
    documents = services().office.documents
    try:
        document = documents.notice(line, tongue)
    except Refused:
        abort(404)
    others = [each for name, each in documents.notices() if name == line and each != tongue]
    return render_template(
        "notice.html",
        title=document.title,
        tongue=tongue,
        line=line,
        body=documents.body(document),
        foot=documents.footer(document),
        others=[each for each in others if each in documents.languages(Kind.NOTICE)],
        receipts=_has_receipts(),
    )


@page.get("/receipt")
def receipt() -> str:
    """Ask for the code of a call."""
    if not _has_receipts():
        abort(404)
    return render_template("receipt.html")


@page.post("/receipt")
def take() -> str | Response:
    """Do what can be done by a code; whoever guesses learns nothing."""
    if not _has_receipts():
        abort(404)
    form = request.form
    try:
        wish = Wish(form.get("wish", ""))
        services().office.receipts.take(
            wish,
            form.get("code", ""),
            contact=form.get("contact", ""),
            language=language(),
            address=request.remote_addr or "",
        )
    except ValueError:
        abort(400)
    except Refused as refusal:
        return refuse(refusal, render_template("receipt.html", error=words_of(refusal)))
    return render_template("receipt.html", done=wish)


def _has_receipts() -> bool:
    return any(line.receipt is not Receipt.NONE for line in services().policy().lines.values())
