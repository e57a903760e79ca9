"""Agents: who takes calls, and whether they may be recorded."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Agent
from asterisk_gdpr.service.documents.documents import Kind
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.handing_out import Sealing, agents_copy
from asterisk_gdpr_web.settings import services

page = Blueprint("agents", __name__)


@page.get("/agents")
def show() -> str:
    """Show every agent with their standing."""
    return _shown()


@page.post("/agents")
def change() -> Response:
    """Add an agent, or write down what one of them said."""
    form, agents, by = request.form, services().office.agents, person().name
    which, version = form.get("agent", "").strip(), form.get("version", "").strip()
    try:
        match form.get("do"):
            case "add":
                agents.add(which, version, by)
            case "consent":
                agents.consent(which, version, by)
            case "withdraw":
                agents.withdraw(which, by)
            case "remove":
                agents.remove(which, by)
            case _:
                raise Refused("This is nothing that can be done.", id="no-such-deed")
    except Refused as refusal:
        return refuse(refusal, _shown(error=words_of(refusal)))
    flash("flash.agent-changed")
    return redirect(url_for("agents.show"), 303)


@page.post("/agents/copy")
def copy() -> Response:
    """Hand out everything that is kept of somebody who takes calls, or took them, as one age file."""
    form = request.form
    try:
        return agents_copy(
            form.get("agent", ""),
            form.get("language", ""),
            Sealing(form.get("recipient", ""), form.get("passphrase", "")),
            sound=form.get("sound") == "1",
        )
    except Refused as refusal:
        return refuse(refusal, _shown(error=words_of(refusal)))


def _shown(**more: Any) -> str:
    kept = [each for each in services().register.agents() if each.endpoint.strip("-")]
    languages = services().office.documents.languages(Kind.AGENT)
    return render_template("agents.html", agents=there(), kept=kept, copy_languages=languages, **more)


def there() -> list[Agent]:
    """Those who take calls, however they stand."""
    return [agent for agent in services().register.agents() if agent.standing != AgentStanding.REMOVED]
