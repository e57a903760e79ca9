"""Evaluations: points by a form of the policy; two reviewers are calibrated; an agent sees their own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.evaluation import Form
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Found
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.recording import hearable, known
from asterisk_gdpr_web.settings import services

page = Blueprint("evaluations", __name__)


@page.get("/recordings/<recording>/evaluations")
def show(recording: str) -> str:
    """Show the forms, what one gave, and beside it what others gave."""
    return render_template("evaluations.html", **_all(_found(recording)))


@page.post("/recordings/<recording>/evaluations")
def give(recording: str) -> Response:
    """Evaluate a recording by a form, once."""
    found, typed = _found(recording), request.form
    form = next((each for each in _forms(found) if each.name == typed.get("form", "")), None)
    if form is None:
        abort(400)
    try:
        services().office.evaluating.give(
            form, recording, person().name, _points(form), typed.get("comment", ""), typed.get("agent", "")
        )
    except Refused as refusal:
        return refuse(
            refusal,
            render_template("evaluations.html", error=words_of(refusal), **_all(found)),
        )
    flash("flash.evaluated")
    return redirect(url_for("evaluations.show", recording=recording), 303)


@page.get("/evaluations")
def mine() -> str:
    """Show an agent what they were given: the points, the words and the day, and no recording."""
    agent = services().accounts.user(person().name).agent
    given = services().office.evaluating.of_agent(agent)
    return render_template("evaluations_mine.html", given=given, forms=services().policy().evaluations)


def _found(recording: str) -> Found:
    """A recording that the person may hear and that has a form for them; no other exists here."""
    found = known(recording)
    if not _forms(found):
        abort(404)
    return found


def _forms(found: Found) -> list[Form]:
    return services().office.evaluating.forms(hearable(found))


def _points(form: Form) -> dict[str, int]:
    """What was ticked; what is no number is not there."""
    typed = {name: request.form.get(f"points.{name}", "") for name in form.items}
    return {name: int(text) for name, text in typed.items() if text.isdecimal() and len(text) < 3}


def _all(found: Found) -> dict[str, Any]:
    evaluating, recording, me = services().office.evaluating, found.recording.id, person().name
    seen = evaluating.seen(recording, me)
    done = {each.form for each in seen.own}
    endpoints = {agent.id: agent.endpoint for agent in services().register.agents()}
    return {
        "recording": found.recording,
        "open_forms": [form for form in _forms(found) if form.name not in done],
        "forms": services().policy().evaluations,
        "seen": seen,
        "heard": evaluating.heard(recording, me),
        "agents": [(agent, endpoints.get(agent, agent)) for agent in evaluating.agents(recording)],
        "marks": services().register.marks(recording),
    }
