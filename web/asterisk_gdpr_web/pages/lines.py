"""Lines and policy: read, checked, explained, compared; lines switched off and on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.policy_diff import Stock, compare
from asterisk_gdpr.errors import ConfigFaults, Refused
from asterisk_gdpr.service.erasing.policy_stock import stock
from asterisk_gdpr.service.people.accounts import NO_EAR
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import must_deal_with, person
from asterisk_gdpr_web.refilled import refilled
from asterisk_gdpr_web.settings import services

EVERYTHING = "*"
page = Blueprint("lines", __name__)


@page.get("/lines")
def show() -> str:
    """Show every line with its rules, what is in force, and what the file would change."""
    return render_template("lines.html", **_all())


@page.post("/lines/explain")
def explain() -> Response | str:
    """Say what would happen to a call from a number; the number is typed into a form and kept nowhere."""
    line, caller = request.form.get("line", ""), request.form.get("caller", "").strip()
    if line not in services().policy().lines:
        refusal = Refused("There is no such line.", id="no-such-line")
        return refuse(refusal, render_template("lines.html", error=words_of(refusal), **_all()))
    explained = services().office.explain(line, caller or None)
    html = render_template("lines.html", explained=explained, **_all())
    return refilled(html, request.script_root + request.path, request.form)


@page.post("/lines/switch")
def switch() -> Response:
    """Switch a line, or everything, off or on; the daemon follows within a second."""
    line, on = request.form.get("line", ""), request.form.get("do") == "on"
    turn(line, on)
    flash("flash.switched-on" if on else "flash.switched-off")
    return redirect(url_for("lines.show"), 303)


def turn(line: str, on: bool) -> None:
    """Do it, for whom the line is; raises Refused."""
    if line != EVERYTHING and line not in services().policy().lines:
        raise Refused("There is no such line.", id="no-such-line")
    must_deal_with(line)
    services().register.switch(line, on, services().clock.now(), person().name)


@page.get("/lines/policy")
def policy() -> Response | str:
    """Show the text of a policy that was in force, and what separates it from the one of now."""
    version = request.args.get("version", "")
    text = services().register.policy_text(version)
    try:
        if text is None:
            raise Refused("There is no such version of the policy.", id="no-such-policy")
        changes = compare(
            services().office.earlier(version),
            services().policy(),
            _stock(),
        )
    except Refused as refusal:
        return refuse(refusal, render_template("lines.html", error=words_of(refusal), **_all()))
    return render_template("policy.html", version=version, text=text, changes=changes)


def _stock() -> Stock:
    return stock(services().register, services().accounts.users(), services().clock.now())


def _all() -> dict[str, Any]:
    register, in_force = services().register, services().policy()
    faults = services().office.faults()
    changes: tuple[object, ...] = ()
    if not faults:
        try:
            in_file = services().office.in_file()
            if in_file.version != in_force.version:
                changes = compare(in_force, in_file, _stock())
        except ConfigFaults as problem:
            faults = problem.faults
    made = register.count_by_policy()
    return {
        "in_force": in_force,
        "off": {line for line, on in register.switches().items() if not on},
        "faults": faults,
        "changes": changes,
        "versions": [(version, at, made.get(version, 0)) for version, at in register.policy_versions()],
        "everything": EVERYTHING,
        "no_ear": NO_EAR,
    }
