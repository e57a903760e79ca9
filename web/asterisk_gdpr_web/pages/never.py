"""The never list: numbers that are never recorded; typed in, and never shown again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.never import EVERY_LINE, NeverEntry, Standing
from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import must_deal_with, person
from asterisk_gdpr_web.pages.recordings import midnight
from asterisk_gdpr_web.settings import services

REVIEW_AFTER = timedelta(days=365)
page = Blueprint("never", __name__)


@page.get("/never")
def show() -> str:
    """Show the entries, by when they are to be looked at again; of no entry its number."""
    return render_template("never.html", **_all())


@page.post("/never")
def change() -> Response:
    """Put a number on the list, or take an entry, or a number, off it."""
    form, never, by = request.form, services().office.never, person().name
    number, line = form.get("number", "").strip(), form.get("line", "") or EVERY_LINE
    try:
        match form.get("do"):
            case "add":
                review_at, _ = midnight(form.get("review", ""), timedelta(days=1))
                if review_at is None:
                    raise Refused("An entry is looked at again on some day.", id="review-past")
                put(number, review_at, line)
                flash("flash.never-added")
            case "review":
                must_be_theirs(form.get("entry", ""))
                never.review(form.get("entry", ""), services().clock.now() + REVIEW_AFTER, by)
                flash("flash.never-reviewed")
            case "remove":
                must_be_theirs(form.get("entry", ""))
                never.remove(form.get("entry", ""), by)
                flash("flash.never-removed")
            case "remove-number":
                flash("flash.never-removed" if take_off(number) else "flash.never-none")
            case _:
                raise Refused("This is nothing that can be done.", id="no-such-deed")
    except Refused as refusal:
        return refuse(refusal, render_template("never.html", error=words_of(refusal), **_all()))
    return redirect(url_for("never.show"), 303)


def put(number: str, review_at: datetime, line: str) -> NeverEntry:
    """Never record a number, on a line of the person's or on every line; raises Refused."""
    if line != EVERY_LINE and line not in services().policy().lines:
        raise Refused("There is no such line.", id="no-such-line")
    must_deal_with(line)
    return services().office.never.add(number, review_at, line, user=person().name)


def take_off(number: str) -> int:
    """Take a number off the person's lines, or wherever it stands; returns how many entries went."""
    index = services().library.index_of(number)
    theirs: list[str | None] = [*sorted(person().lines)] or [None]
    return sum(services().office.never.remove_number(index, each, person().name) for each in theirs)


def must_be_theirs(id: str) -> None:
    """An entry of another line, or of every line, is not for who has only some."""
    must_deal_with(*(entry.line for entry in services().register.nevers() if entry.id == id))


def standing() -> list[Standing]:
    """Every entry, first those that are to be looked at."""
    return sorted(services().office.never.entries(), key=lambda each: each.entry.review_at)


def _all() -> dict[str, Any]:
    now = services().clock.now()
    return {
        "entries": [(each.entry, each.ends_at, each.due(now)) for each in standing()],
        "every_line": EVERY_LINE,
        "lines": sorted(services().policy().lines),
    }
