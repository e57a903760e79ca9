"""An agent's own call: whether it is recorded, and the few things that an agent may do about it.

The page asks and the daemon does: a press is a command, and what came of it is shown.
Whoever is signed in sees the calls that the agent is in who they are, and no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.call.now import Because, Light
from asterisk_gdpr.core.call.state import Verb
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import CallRow, Mark
from asterisk_gdpr.service import commands
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.settings import services

_STALE = timedelta(seconds=15)
_LONGEST_MARK = 200
VERBS = {"pause": Verb.PAUSE, "resume": Verb.RESUME, "stop": Verb.STOP}
page = Blueprint("strip", __name__)


@dataclass(frozen=True)
class Own:
    """A call that the agent is in now."""

    call: CallRow
    light: str
    because: str

    @property
    def running(self) -> bool:
        """Whether there is a recording that can be paused or stopped."""
        return self.light in (Light.ON, Light.MUTED)

    @property
    def paused(self) -> bool:
        """Whether somebody paused it."""
        return self.because == Because.PAUSED


@page.get("/strip")
def show() -> str:
    """Show the calls of now; they are loaded anew by themselves, with scripts or without."""
    return render_template("strip.html", **_all())


@page.get("/strip/now")
def now() -> Response:
    """Show the calls and nothing else: for loading anew; the whole page, when other things can be done."""
    facts = _all()
    response = make_response(render_template("strip_now.html", **facts))
    if request.args.get("shown", "") != facts["shown"]:
        response.headers["HX-Refresh"] = "true"
    return response


@page.post("/strip")
def steer() -> Response:
    """Pause, resume, or stop and destroy; waits for the daemon's answer and shows it."""
    own, verb = _mine(), VERBS.get(request.form.get("do", ""))
    if verb is None:
        abort(400)
    try:
        outcome = commands.ask(services().register, services().clock, own.call.id, verb, person().name)
    except (Refused, Unreachable) as problem:
        return refuse(problem, render_template("strip.html", error=words_of(problem), **_all()))
    flash(f"result.{outcome}")
    return redirect(url_for("strip.show"), 303)


@page.post("/strip/mark")
def mark() -> Response:
    """Mark this moment: what is sealed so far ends at it, or a few seconds before."""
    own = _mine()
    if own.call.recording is None:
        abort(404)
    recording = services().register.recording(own.call.recording)
    sealed = services().register.progress(recording.id).frames
    text = request.form.get("text", "").strip()[:_LONGEST_MARK]
    at_ms, at = 1000 * sealed // recording.rate, services().clock.now()
    services().register.add_mark(Mark(new_id("k"), recording.id, at_ms, person().name, at, text))
    flash("flash.marked")
    return redirect(url_for("strip.show"), 303)


@page.post("/strip/reference")
def refer() -> Response:
    """Write down what a customer or a ticket is called; it is kept as a keyed hash, so found and not read."""
    own = _mine()
    try:
        services().office.references.set(own.call.id, request.form.get("reference", ""), person().name)
    except Refused as refusal:
        return refuse(refusal, render_template("strip.html", error=words_of(refusal), **_all()))
    flash("flash.referred")
    return redirect(url_for("strip.show"), 303)


def _all() -> dict[str, Any]:
    mine = services().accounts.user(person().name).agent
    own = _own(mine)
    shown = " ".join(f"{one.call.id}{'p' if one.paused else 'r' if one.running else '-'}" for one in own)
    return {"is_agent": bool(mine), "own": own, "shown": shown}


def _mine() -> Own:
    """The call that the form is about; one that is not the agent's own does not exist for them."""
    calls = _own(services().accounts.user(person().name).agent)
    wanted = request.form.get("call", "")
    return next((own for own in calls if own.call.id == wanted), None) or abort(404)


def _own(agent: str) -> list[Own]:
    """The calls that an agent is in, as the daemons said last."""
    if not agent:
        return []
    register, at = services().register, services().clock.now()
    told = [
        one
        for when, facts in register.beats().values()
        if at - when < _STALE
        for one in facts.get("now", ())
        if agent in one.get("agents", ())
    ]
    return [Own(register.call(one["call"]), one["light"], one["because"]) for one in told]
