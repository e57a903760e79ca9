"""An agent's own call: whether it is recorded, and the few things that an agent may do about it.

The page follows the call piece by piece: its light, its buttons, calls that come and go. What somebody is
writing is none of these pieces, so that no state of a call takes words away. The page says in its question
which calls it shows and how each of them stood (`shown`), and is answered with what has changed since.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import GdprError, Refused, Unreachable
from asterisk_gdpr_web import own_calls
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.language import say

_SHOWN = re.compile(r"([\w-]{1,64}):([a-z])")
_MOST_SHOWN = 20
_OVER = "x"
page = Blueprint("strip", __name__)


@page.get("/strip")
def show() -> str:
    """Show the calls of now; they are followed by themselves where scripts run."""
    return render_template("strip.html", **_all())


@page.get("/strip/now")
def now() -> str:
    """Show what has changed since the calls were as the page says."""
    return render_template("strip_change.html", **_all(request.args.get("shown", "")))


@page.post("/strip")
def steer() -> Response | str:
    """Pause, resume, or stop and destroy; waits for the daemon's answer and shows it."""
    verb = own_calls.VERBS.get(request.form.get("do", ""))
    try:
        call = _mine()
        if verb is None:
            abort(400)
        outcome = own_calls.steer(call, verb)
    except (Refused, Unreachable) as problem:
        return _refused(problem)
    return _done(f"result.{outcome}")


@page.post("/strip/mark")
def mark() -> Response | str:
    """Mark this moment, or a few seconds before."""
    try:
        own_calls.mark(_mine(), request.form.get("text", ""))
    except Refused as refusal:
        return _refused(refusal)
    return _done("flash.marked", "text")


@page.post("/strip/reference")
def refer() -> Response | str:
    """Write down what a customer or a ticket is called."""
    try:
        own_calls.refer(_mine(), request.form.get("reference", ""))
    except Refused as refusal:
        return _refused(refusal)
    return _done("flash.referred", "reference")


def _done(words: str, kept: str = "") -> Response | str:
    """Say what came of it: on the page as it stands, whose field `kept` is done with, else on a new one."""
    if _by_script():
        answer = make_response(_said("good", say(words)))
        answer.headers["X-Kept"] = kept  # `strip.js` empties that field
        return answer
    flash(words)
    return redirect(url_for("strip.show"), 303)


def _refused(problem: GdprError) -> Response | str:
    """Say why not; what was written stays where it is."""
    if _by_script():
        return _said("bad", words_of(problem))
    return refuse(problem, render_template("strip.html", error=words_of(problem), **_all()))


def _by_script() -> bool:
    return bool(request.headers.get("HX-Request"))


def _said(kind: str, words: str) -> str:
    """Return what came of a press, and what has changed on the page that it was made on."""
    return render_template("strip_said.html", kind=kind, words=words, **_all(request.form.get("shown", "")))


def _all(shown: str = "") -> dict[str, Any]:
    """The calls of now, and how they differ from what a page says that it shows."""
    said = dict(_SHOWN.findall(shown)[:_MOST_SHOWN])
    own = own_calls.own_calls()
    stand = {one.call.id: _letter(one) for one in own}
    over = {id for id in said if id not in stand}
    kept = {id: letter for id, letter in said.items() if letter != _OVER or id in stand}
    there = [one for one in own if one.call.id in kept]
    other = [one for one in there if kept[one.call.id] != stand[one.call.id]]
    bare = [one for one in other if kept[one.call.id] == _letter(None)]
    letters = {**dict.fromkeys(said, _OVER), **stand}
    return {
        "is_agent": bool(own_calls.whose()),
        "own": own,
        "shown": " ".join(f"{id}:{letter}" for id, letter in letters.items()),
        "added": [one for one in own if one.call.id not in kept],
        "renewed": bare,
        "changed": [one for one in other if one not in bare],
        "over": sorted(id for id in over if said[id] != _OVER),
    }


def _letter(one: own_calls.Own | None) -> str:
    """How a call stands, as far as that decides what can be done: `n` while there is no recording."""
    if one is None or not one.call.recording:
        return "n"
    return "p" if one.paused else "r" if one.running else "o"


def _mine() -> str:
    """The call that the form is about, if it is the agent's own; no other exists for them."""
    return own_calls.mine(request.form.get("call", "")).call.id
