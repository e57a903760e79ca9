"""People and roles: who may use the page, for which lines; every change is in the ledger."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.settings import services

page = Blueprint("people", __name__)


@page.get("/people")
def show() -> str:
    """Show everybody, the disabled too."""
    return render_template("people.html", **_all())


@page.post("/people")
def add() -> Response | str:
    """Add a person; their first password is shown once."""
    form = request.form
    password = secrets.token_urlsafe(12)
    try:
        user = services().accounts.add(
            form.get("name", ""),
            password,
            form.getlist("role"),
            _lines(form.getlist("line")),
            person().name,
        )
    except Refused as refusal:
        html = render_template("people.html", error=words_of(refusal), **_all())
        return refuse(refusal, html)
    return render_template("people.html", shown_once=(user.name, password), **_all())


@page.post("/people/change")
def change() -> Response:
    """Give somebody other roles and lines."""
    form = request.form
    try:
        not_oneself(form.get("name", ""))
        services().accounts.change(
            form.get("name", ""),
            form.getlist("role"),
            _lines(form.getlist("line")),
            _agent(form.get("agent", "")),
            person().name,
        )
    except Refused as refusal:
        return refuse(refusal, render_template("people.html", error=words_of(refusal), **_all()))
    flash("flash.person-changed")
    return redirect(url_for("people.show"), 303)


@page.post("/people/access")
def access() -> Response | str:
    """Shut somebody out, let them in again, or give them a new password that is shown once."""
    name, wish = request.form.get("name", ""), request.form.get("do", "")
    accounts = services().accounts
    try:
        not_oneself(name)
        if wish == "reset":
            password = accounts.reset(name, person().name)
            return render_template("people.html", shown_once=(name, password), **_all())
        if wish == "disable":
            accounts.disable(name, person().name)
        elif wish == "enable":
            accounts.enable(name, person().name)
    except Refused as refusal:
        return refuse(refusal, render_template("people.html", error=words_of(refusal), **_all()))
    flash("flash.person-changed")
    return redirect(url_for("people.show"), 303)


def _all() -> dict[str, Any]:
    accounts = services().accounts
    return {
        "users": accounts.users(),
        "roles": sorted(accounts.roles),
        "lines": sorted(services().policy().lines),
        "agents": {agent.id: agent.endpoint for agent in services().register.agents()},
    }


def _lines(named: list[str]) -> list[str]:
    return [line for line in named if line in services().policy().lines]


def _agent(named: str) -> str:
    """Our id of the agent that somebody is; raises Refused for one that the register does not have."""
    if not named.strip():
        return ""
    agent = services().register.agent_at(named.strip())
    if agent is None:
        raise Refused("There is no such agent.", id="no-such-agent")
    return agent.id


def not_oneself(name: str) -> None:
    """Nobody changes what they may do themselves, or shuts themselves out by a slip."""
    if name == person().name:
        raise Refused("Somebody else must change your own account.", id="own-account")
