"""Today: what goes on now, what callers chose, and what somebody must see to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.alarms import LOUDEST
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import SILENT, Alarm, CallRow
from asterisk_gdpr_web import chart, following
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.condition import condition
from asterisk_gdpr_web.settings import services, settings

SPANS = (7, 14, 30, 90)
page = Blueprint("today", __name__)


@dataclass(frozen=True)
class Going:
    """One call that goes on now."""

    call: CallRow
    phase: str
    light: str
    because: str


@page.get("/today")
def show() -> str:
    """Show everything; calls that go on are loaded anew by themselves, where scripts run."""
    return render_template("today.html", **_all())


@page.get("/today/now")
def now() -> Response:
    """Show the calls that go on, and how many they are: for loading anew, if that has changed."""
    return following.part("today_now.html", going=_going(), anew=True)


@page.post("/today/alarms")
def see_to() -> Response:
    """Say that somebody sees to an alarm."""
    form = request.form
    try:
        services().register.see_to(
            form.get("id", ""), form.get("about", ""), person().name, services().clock.now()
        )
    except Refused as refusal:
        return refuse(refusal, render_template("today.html", error=words_of(refusal), **_all()))
    flash("flash.seen-to")
    return redirect(url_for("today.show"), 303)


def loudest_first() -> list[Alarm]:
    """Alarms that stand."""
    return sorted(services().register.alarms(), key=lambda alarm: alarm.id != LOUDEST)


def _all() -> dict[str, Any]:
    return {
        "going": _going(),
        "alarms": loudest_first(),
        "never_due": len(services().office.never.due()),
        "kept": services().register.count_recordings().get(State.SEALED, 0),
        "off": sorted(line for line, on in services().register.switches().items() if not on),
        **condition(),
        **_choices(),
    }


def _going() -> list[Going]:
    """The calls that go on, as their daemons said last; oldest first."""
    register, at = services().register, services().clock.now()
    said = {
        told["call"]: told
        for when, facts in register.beats().values()
        if at - when < SILENT
        for told in facts.get("now", ())
    }
    rows = [row for node in register.beats() for row in register.calls_alive(node) if row.id in said]
    return [
        Going(row, said[row.id]["phase"], said[row.id]["light"], said[row.id]["because"])
        for row in sorted(rows, key=lambda row: row.arrived_at)
    ]


def _choices() -> dict[str, Any]:
    """What callers chose over the days that the address asks for, narrowed to a line and a language."""
    days = next((span for span in SPANS if request.args.get("days") == str(span)), 14)
    zone, at = settings().zone, services().clock.now()
    last = at.astimezone(zone).date()
    first = last - timedelta(days=days - 1)
    tallies = services().register.tally(datetime.combine(first, time(), zone), at + timedelta(seconds=1))
    line, language = request.args.get("line", ""), request.args.get("language", "")
    by_line: dict[tuple[str, str], Counter[str]] = {}
    for tally in tallies:
        by_line.setdefault((tally.line, tally.language), Counter())[tally.choice] += tally.calls
    chosen = [t for t in tallies if line in ("", t.line) and language in ("", t.language)]
    return {
        "chart": chart.draw(chosen, first, days, zone),
        "height": chart.HEIGHT,
        "width": chart.WIDTH,
        "parts": chart.PARTS,
        "days": days,
        "spans": SPANS,
        "line": line,
        "spoken": language,
        "lines": sorted({tally.line for tally in tallies} | set(services().policy().lines)),
        "spoken_all": sorted({tally.language for tally in tallies}),
        "by_line": [(*of, counts, chart.share_of(counts)) for of, counts in sorted(by_line.items())],
    }
