"""The ledger: searched, verified, and taken away as a file that anybody can verify."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from asterisk_gdpr.core.ledger import Verdict, verify
from asterisk_gdpr.ports import Looked
from asterisk_gdpr.service.proof.ledger import all_entries
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.recordings import midnight
from asterisk_gdpr_web.settings import services

PAGE = 50
page = Blueprint("ledger", __name__)


@page.get("/ledger")
def show() -> str:
    """Show entries, newest first, narrowed by what they are about, their kind and their day."""
    return render_template("ledger.html", **_all())


@page.post("/ledger/verify")
def check() -> str:
    """Go along the whole chain, and say whether every link fits."""
    return render_template("ledger.html", verdict=verified(), **_all())


def verified() -> Verdict:
    """Read all of it; the ledger is told that somebody did."""
    verdict = verify(all_entries(services().register))
    services().register.record("ledger-verified", {"user": person().name}, services().clock.now())
    return verdict


@page.post("/ledger/export")
def export() -> Response:
    """Hand out the whole ledger with a signed head."""
    services().register.record("ledger-exported", {"user": person().name}, services().clock.now())
    response = Response(services().office.ledger_lines(), content_type="application/jsonl")
    response.headers["Content-Disposition"] = 'attachment; filename="ledger.jsonl"'
    return response


def _all() -> dict[str, Any]:
    args = request.args
    before = args.get("before", "")
    since, _ = midnight(args.get("from", ""), timedelta(0))
    until, _ = midnight(args.get("until", ""), timedelta(days=1))
    looked = Looked(
        about=(args["about"].strip(),) if args.get("about", "").strip() else (),
        kind=args.get("kind", ""),
        since=since,
        until=until,
        before=int(before) if before.isdecimal() and len(before) < 16 else None,
        limit=PAGE + 1,
    )
    entries = services().register.look_up(looked)
    rest = {name: args[name] for name in ("about", "kind", "from", "until") if args.get(name)}
    return {
        "entries": entries[:PAGE],
        "following": {**rest, "before": entries[PAGE - 1].seq} if len(entries) > PAGE else None,
        "kinds": services().register.kinds(),
        "args": rest,
        "head": services().register.head(),
    }
