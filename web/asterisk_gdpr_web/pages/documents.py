"""Documents: what the controller owes to people and to the authority, from the policy as it stands."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request

from asterisk_gdpr.service.documents.documents import Document, Form, Kind
from asterisk_gdpr_web.settings import services

_TYPES = {
    Form.MARKDOWN: "text/markdown; charset=utf-8",
    Form.HTML: "text/html; charset=utf-8",
    Form.PDF: "application/pdf",
}
GENERAL = (Kind.AGENTS, Kind.RECORD, Kind.ASSESSMENT)
page = Blueprint("documents", __name__)


@page.get("/documents")
def show() -> str:
    """Show which documents there are, and in which languages."""
    documents = services().office.documents
    return render_template(
        "documents.html",
        notices=documents.notices(),
        general=[(kind, documents.languages(kind)) for kind in GENERAL],
        forms=list(Form),
    )


@page.get("/documents/file")
def take() -> Response:
    """Write one of them, and hand it out as a file."""
    args = request.args
    try:
        kind, form = Kind(args.get("kind", "")), Form(args.get("as", "md"))
    except ValueError:
        abort(404)
    return handed_out(written(kind, args.get("language", ""), args.get("line", "")), form)


def handed_out(document: Document, form: Form) -> Response:
    """One as a file."""
    kind = document.kind
    name = "-".join(part for part in (kind, document.line, document.language) if part)
    response = Response(services().office.documents.written_as(document, form), content_type=_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def written(kind: Kind, language: str, line: str) -> Document:
    """Write one, if it is one of those; for any other there is nothing here."""
    documents = services().office.documents
    if kind is Kind.NOTICE and (line, language) in documents.notices():
        return documents.notice(line, language)
    if kind not in GENERAL or language not in documents.languages(kind):
        abort(404)
    if kind is Kind.AGENTS:
        return documents.agents(language)
    if kind is Kind.RECORD:
        return documents.record(language)
    counts = services().register.count_recordings()
    return documents.assessment(language, {str(state): count for state, count in counts.items()})
