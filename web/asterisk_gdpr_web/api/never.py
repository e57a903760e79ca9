"""For programs: the never list, where a number is put by who knows it, and is told by nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, jsonify

from asterisk_gdpr.core.never import EVERY_LINE, Standing
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.api.door import body, guarded, page, paged
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.never import must_be_theirs, put, standing, take_off
from asterisk_gdpr_web.pages.recordings import midnight
from asterisk_gdpr_web.settings import services


@page.get("/never")
@guarded
def nevers() -> Response:
    """List the entries, first those that are to be looked at."""
    found, after = paged(standing(), lambda each: each.entry.id)
    return jsonify({"entries": [_told(each) for each in found], "after": after})


@page.post("/never")
@guarded
def add_never() -> Response:
    """Put a number on the list; once more is the same entry with another day."""
    sent = body()
    made = put(sent["number"], _day(sent["review"]), sent.get("line", EVERY_LINE))
    return jsonify(_told(_entry(made.id)))


@page.post("/never/<entry>/review")
@guarded
def review_never(entry: str) -> Response:
    """Say that somebody has looked at it."""
    must_be_theirs(entry)
    services().office.never.review(entry, _day(body()["review"]), person().name)
    return jsonify(_told(_entry(entry)))


@page.post("/never/<entry>/remove")
@guarded
def remove_never(entry: str) -> Response:
    """Take it off."""
    must_be_theirs(entry)
    services().office.never.remove(entry, person().name)
    return jsonify({"entry": entry})


@page.post("/never/remove")
@guarded
def remove_number() -> Response:
    """Take a number off; says from how many lines, which may be none."""
    return jsonify({"removed": take_off(body()["number"])})


def _day(said: str) -> datetime:
    """The end of that day."""
    at, _ = midnight(said, timedelta(days=1))
    if at is None:
        raise Refused("An entry is looked at again on some day.", id="review-past")
    return at


def _entry(id: str) -> Standing:
    found = next((each for each in services().office.never.entries() if each.entry.id == id), None)
    if found is None:
        raise Refused("There is no such entry.", id="unknown-never")
    return found


def _told(each: Standing) -> dict[str, Any]:
    return {
        "entry": each.entry.id,
        "line": each.entry.line or None,
        "by": each.entry.by,
        "added_at": to_text(each.entry.added_at),
        "review_at": to_text(each.entry.review_at),
        "ends_at": to_text(each.ends_at) if each.ends_at else None,
        "due": each.due(services().clock.now()),
    }
