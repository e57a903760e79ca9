"""An agent's own call: whether it is recorded, and the few things that an agent may do about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr_web import own_calls
from asterisk_gdpr_web.errors import refuse, words_of

page = Blueprint("strip", __name__)


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
    call, verb = _mine(), own_calls.VERBS.get(request.form.get("do", ""))
    if verb is None:
        abort(400)
    try:
        outcome = own_calls.steer(call, verb)
    except (Refused, Unreachable) as problem:
        return refuse(problem, render_template("strip.html", error=words_of(problem), **_all()))
    flash(f"result.{outcome}")
    return redirect(url_for("strip.show"), 303)


@page.post("/strip/mark")
def mark() -> Response:
    """Mark this moment, or a few seconds before."""
    try:
        own_calls.mark(_mine(), request.form.get("text", ""))
    except Refused as refusal:
        return refuse(refusal, render_template("strip.html", error=words_of(refusal), **_all()))
    flash("flash.marked")
    return redirect(url_for("strip.show"), 303)


@page.post("/strip/reference")
def refer() -> Response:
    """Write down what a customer or a ticket is called."""
    call = _mine()
    try:
        own_calls.refer(call, request.form.get("reference", ""))
    except Refused as refusal:
        return refuse(refusal, render_template("strip.html", error=words_of(refusal), **_all()))
    flash("flash.referred")
    return redirect(url_for("strip.show"), 303)


def _all() -> dict[str, Any]:
    own = own_calls.own_calls()
    shown = " ".join(f"{one.call.id}{'p' if one.paused else 'r' if one.running else '-'}" for one in own)
    return {"is_agent": bool(own_calls.whose()), "own": own, "shown": shown}


def _mine() -> str:
    """The call that the form is about, if it is the agent's own; no other exists for them."""
    return own_calls.mine(request.form.get("call", "")).call.id
