"""For programs: what the controller owes to people and to the authority, and whether it is published."""

from __future__ import annotations

from flask import Response, jsonify, request

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.documents.documents import Form, Kind
from asterisk_gdpr_web.api.door import guarded, page, paged
from asterisk_gdpr_web.pages.documents import handed_out, written
from asterisk_gdpr_web.settings import services


@page.get("/documents")
@guarded
def documents() -> Response:
    """List notices with what is published of each."""
    standings = services().office.publishing.standings()
    found, after = paged(standings, lambda each: "~".join((each.document, each.line, each.language)))
    return jsonify(
        {
            "documents": [
                {
                    "document": each.document,
                    "line": each.line or None,
                    "language": each.language,
                    "version": each.now,
                    "published": each.published,
                    "published_at": to_text(each.at) if each.at else None,
                    "outdated": each.outdated,
                }
                for each in found
            ],
            "after": after,
        }
    )


@page.get("/documents/file")
@guarded
def document() -> Response:
    """Hand one out, written anew."""
    args = request.args
    try:
        kind, form = Kind(args.get("document", "")), Form(args.get("as", "md"))
    except ValueError:
        raise Refused("There is no such document.", id="no-such-document") from None
    return handed_out(written(kind, args.get("language", ""), args.get("line", "")), form)
