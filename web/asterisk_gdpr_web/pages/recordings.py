"""The list of recordings, and the search in it.

A number that is searched for is in no address and no log: it comes as a form, and only its blind index
stays, in the session. Everything else that narrows the list is in the address, so that it can be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Found, Search
from asterisk_gdpr.service.playback import listenable, living_purposes
from asterisk_gdpr_web.errors import words_of
from asterisk_gdpr_web.guard import OVERSEERS, note, person, sees_numbers
from asterisk_gdpr_web.settings import services, settings

PAGE = 50
page = Blueprint("recordings", __name__)


@dataclass(frozen=True)
class Row:
    """One recording in the list."""

    found: Found
    number: str | None
    purposes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.found.recording.frames / self.found.recording.rate


@page.get("/recordings")
def shelf() -> str | tuple[str, int]:
    """Show recordings, newest first, narrowed by the address and the session's number."""
    return _list(request.args)


@page.post("/recordings/search")
def search() -> Response | tuple[str, int]:
    """Take a search form; keep the number's blind index in the session and the rest in the address."""
    form = request.form
    typed = form.get("number", "").strip()
    narrowed: dict[str, Any] = {name: form[name] for name in ("line", "from", "until") if form.get(name)}
    if not typed:
        kept: dict[str, Any] = {"number": "1"} if form.get("same_number") and _kept_index() else {}
        return redirect(url_for("recordings.shelf", **narrowed, **kept), 303)
    try:
        if not sees_numbers(person().roles):
            raise Refused("Numbers are not shown to you, so you cannot search for one.", id="no-numbers")
        index = services().library.index_of(typed)
    except Refused as refusal:
        html, _ = _list(MultiDict(narrowed), typed=typed, error=words_of(refusal))
        return html, 400
    services().register.record("number-searched", {"user": person().name}, services().clock.now())
    note(number=index.hex())
    return redirect(url_for("recordings.shelf", **narrowed, number="1"), 303)


def row_of(found: Found) -> Row:
    """Return what the list shows of a recording; the number only to those who see numbers."""
    keeper, now = services().keeper, services().clock.now()
    number = keeper.open_caller(found.call) if sees_numbers(person().roles) else None
    return Row(found, number, tuple(sorted(living_purposes(found.terms, now))))


def _list(args: MultiDict[str, str], *, typed: str = "", error: str = "") -> tuple[str, int]:
    wanted, faulty = _wanted(args)
    shelf = services().library.search(wanted)
    rest = {name: args[name] for name in ("line", "from", "until", "number") if args.get(name)}
    following = {**rest, "after": _cursor(shelf.after)} if shelf.after else None
    shown: dict[str, Any] = {
        "rows": [row_of(found) for found in shelf.found],
        "args": rest,
        "narrowed": bool(rest),
        "one_number": wanted.caller_index is not None,
        "lines": sorted(services().policy().lines),
        "numbers": sees_numbers(person().roles),
        "following": following,
        "first": not args.get("after"),
        "typed": typed,
        "error": error,
        "faulty": faulty,
    }
    return render_template("recordings.html", **shown), 400 if faulty else 200


def _wanted(args: MultiDict[str, str]) -> tuple[Search, bool]:
    """Return the search that an address asks for, and whether some of it could not be read."""
    roles, now = person().roles, services().clock.now()
    since, bad_since = _midnight(args.get("from", ""), timedelta(0))
    until, bad_until = _midnight(args.get("until", ""), timedelta(days=1))
    before, bad_cursor = _place(args.get("after", ""))
    every = bool(roles & OVERSEERS)
    wanted = Search(
        caller_index=_kept_index() if args.get("number") and sees_numbers(roles) else None,
        line=args.get("line", ""),
        purposes=None if every else listenable(services().policy(), roles),
        living_at=None if every else now,
        states=frozenset(State) if every else frozenset({State.SEALED}),
        since=since,
        until=until,
        before=before,
        limit=PAGE,
    )
    return wanted, bad_since or bad_until or bad_cursor


def _kept_index() -> bytes | None:
    kept = person().notes.get("number", "")
    return bytes.fromhex(kept) if kept else None


def _midnight(text: str, later: timedelta) -> tuple[datetime | None, bool]:
    """Return the local midnight at which a typed day begins (or, a day later, ends)."""
    if not text:
        return None, False
    try:
        day = date.fromisoformat(text) + later
        return datetime.combine(day, time(), settings().zone), False
    except (ValueError, OverflowError):
        return None, True


def _cursor(place: tuple[datetime, str]) -> str:
    at, id = place
    return f"{to_text(at)}~{id}"


def _place(cursor: str) -> tuple[tuple[datetime, str] | None, bool]:
    """Return where a page of the list begins, as `_cursor` wrote it."""
    if not cursor:
        return None, False
    at, _, id = cursor.partition("~")
    try:
        return (from_text(at), id), False
    except ValueError:
        return None, True
