"""The list of recordings, and the search in it.

A number, a code or a reference that is searched for is in no address and no log: it comes as a form, and the
session keeps what it found (`named`). Everything else that narrows the list is in the address, so that it can
be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from asterisk_gdpr.core.call.state import Outcome
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Found, SavedSearch, Search
from asterisk_gdpr.service.listening.playback import listenable, living_purposes
from asterisk_gdpr_web import named
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import OVERSEERS, person, sees_numbers
from asterisk_gdpr_web.pages.review import holds_for_me
from asterisk_gdpr_web.settings import services, settings

PAGE = 50
NARROWING = ("line", "queue", "agent", "from", "until", "choice", "purpose", "state", "shortest", "longest")
"""What of a search stands in the address, and may be kept under a name."""

_FINE = ("queue", "agent", "choice", "purpose", "state", "shortest", "longest", "named")
_LENGTHS = (30, 60, 300, 900, 1800, 3600)
_MOST_SEARCHES = 30
_RESTRICTED = "restricted"
_CHOICES = (Outcome.AGREED, Outcome.PARTIAL, Outcome.NOT_OBJECTED, Outcome.MANDATORY)
"""Those that a recording can come of."""
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
def search() -> Response:
    """Take a search form; keep the number's blind index in the session and the rest in the address."""
    form = request.form
    typed = form.get("number", "").strip()
    codes = {name: form.get(name, "").strip() for name in named.CODES}
    narrowed: dict[str, Any] = {name: form[name] for name in NARROWING if form.get(name)}
    kept: dict[str, Any] = {"number": "1"} if form.get("same_number") and named.kept_index() else {}
    try:
        if typed:
            kept["number"] = named.keep_number(typed)
        if any(codes.values()):
            kept["named"] = named.keep_named(codes)
        if agent := form.get("agent"):
            named.agent(agent)
            named.tell("agent-searched", agent=agent)
    except Refused as refusal:
        html, _ = _list(MultiDict({**narrowed, "agent": ""}), error=words_of(refusal))
        return refuse(refusal, html)
    return redirect(url_for("recordings.shelf", **narrowed, **kept), 303)


@page.post("/recordings/searches")
def keep_search() -> Response:
    """Keep the search that the form holds under a name."""
    form, name = request.form, request.form.get("name", "").strip()[:60]
    query = {field: form[field] for field in NARROWING if form.get(field)}
    mine = services().register.saved_searches(person().name)
    if not name or (len(mine) >= _MOST_SEARCHES and name not in {search.name for search in mine}):
        refusal = Refused("A search is kept under a name.", id="no-name")
        return refuse(refusal, _list(MultiDict(query), error=words_of(refusal))[0])
    services().register.save_search(SavedSearch(person().name, name, query))
    flash("flash.search-kept")
    return redirect(url_for("recordings.shelf", **query), 303)  # type: ignore[arg-type]


@page.post("/recordings/searches/drop")
def drop_search() -> Response:
    """Keep it no longer."""
    services().register.drop_search(person().name, request.form.get("name", ""))
    flash("flash.search-dropped")
    return redirect(url_for("recordings.shelf"), 303)


def row_of(found: Found) -> Row:
    """Return what the list shows of a recording; the number only to those who see numbers."""
    keeper, now = services().keeper, services().clock.now()
    number = keeper.open_caller(found.call) if sees_numbers(person().roles) else None
    return Row(found, number, tuple(sorted(living_purposes(found.terms, now))))


def _list(args: MultiDict[str, str], *, error: str = "") -> tuple[str, int]:
    wanted, faulty = _wanted(args)
    shelf = services().library.search(wanted)
    rest = {name: args[name] for name in (*NARROWING, "number", "named", "hold") if args.get(name)}
    following = {**rest, "after": _cursor(shelf.after)} if shelf.after else None
    shown: dict[str, Any] = {
        "rows": [row_of(found) for found in shelf.found],
        "args": rest,
        "narrowed": bool(rest),
        "one_number": wanted.caller_index is not None,
        "lines": sorted(person().lines or services().policy().lines),
        "purposes": sorted(_visible_purposes()),
        "choices": _CHOICES,
        "states": _states() if person().roles & OVERSEERS else [],
        "lengths": _LENGTHS,
        "holds": holds_for_me(),
        "hold": _hold(args),
        "searches": services().register.saved_searches(person().name),
        "fine": any(args.get(name) for name in _FINE),
        "numbers": sees_numbers(person().roles),
        "following": following,
        "first": not args.get("after"),
        "codes": named.CODES,
        "agents": named.agents_to_ask_for(),
        "queues": services().register.queues(),
        "error": error,
        "faulty": faulty,
    }
    return render_template("recordings.html", **shown), 400 if faulty else 200


def _wanted(args: MultiDict[str, str]) -> tuple[Search, bool]:
    """Return the search that an address asks for, and whether some of it could not be read."""
    roles, now = person().roles, services().clock.now()
    since, bad_since = midnight(args.get("from", ""), timedelta(0))
    until, bad_until = midnight(args.get("until", ""), timedelta(days=1))
    before, bad_cursor = _place(args.get("after", ""))
    every = bool(roles & OVERSEERS)
    state, purpose = args.get("state", ""), args.get("purpose", "")
    visible = None if every else listenable(services().policy(), roles)
    if hold := _hold(args):
        kept = frozenset(services().register.recordings_held(hold))
        named_too = named.among(args)
        return Search(
            recordings=kept if named_too is None else kept & named_too,
            agent=named.agent_looked_for(args),
            lines=person().lines or None,
            states=frozenset({State.SEALED, State.ERASING}),
            before=before,
            limit=PAGE,
        ), bad_cursor
    wanted = Search(
        caller_index=named.number_looked_for(args),
        line=args.get("line", ""),
        recordings=named.among(args),
        agent=named.agent_looked_for(args),
        lines=person().lines or None,
        choice=args.get("choice", ""),
        queue=args.get("queue", ""),
        shortest=_seconds(args.get("shortest", "")),
        longest=_seconds(args.get("longest", "")),
        restricted=True if state == _RESTRICTED else None,
        purposes=visible if not purpose else frozenset({purpose}) & (_visible_purposes()),
        living_at=None if every else now,
        states=_wanted_states(state) if every else frozenset({State.SEALED}),
        since=since,
        until=until,
        before=before,
        limit=PAGE,
    )
    return wanted, bad_since or bad_until or bad_cursor


def _hold(args: MultiDict[str, str]) -> str:
    """The hold that an address asks for, if it names the person as a listener."""
    return next((hold.id for hold in holds_for_me() if hold.id == args.get("hold")), "")


def _visible_purposes() -> frozenset[str]:
    roles, policy = person().roles, services().policy()
    return frozenset(policy.purposes) if roles & OVERSEERS else listenable(policy, roles)


def _states() -> list[str]:
    return [*State, _RESTRICTED]


def _wanted_states(state: str) -> frozenset[State]:
    return frozenset({State(state)}) if state in set(State) else frozenset(State)


def _seconds(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 7 else None


def midnight(text: str, later: timedelta) -> tuple[datetime | None, bool]:
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
