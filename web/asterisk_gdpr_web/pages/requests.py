"""Requests of data subjects, with their clocks: taken, identified, carried out, refused."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.requests import Identity, Refusal, Request, Right, Status, Voices
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.rights.requests import Answer
from asterisk_gdpr_web.answering import COPIES, copies, must_be_theirs, wish
from asterisk_gdpr_web.answering import take as open_request
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import Right as May
from asterisk_gdpr_web.guard import allowed, person
from asterisk_gdpr_web.handing_out import as_file
from asterisk_gdpr_web.settings import services

page = Blueprint("requests", __name__)


@page.get("/requests")
def show() -> str:
    """Show open requests, those that are due first, and what was answered."""
    return render_template("requests.html", **_all())


@page.post("/requests")
def take() -> Response:
    """Take a request: its month begins."""
    form = request.form
    try:
        taken = open_request(
            Right(form.get("right", "")),
            number=form.get("number", "").strip(),
            receipt=form.get("receipt", "").strip(),
            reference=form.get("reference", "").strip(),
            recordings=form.get("recordings", "").replace(",", " ").split(),
            language=form.get("language", "en"),
            contact=form.get("contact", ""),
            asked=form.get("asked", ""),
        )
    except (Refused, ValueError) as problem:
        refusal = (
            problem if isinstance(problem, Refused) else Refused("Say what is asked for.", id="no-right")
        )
        return refuse(refusal, render_template("requests.html", error=words_of(refusal), **_all()))
    return redirect(url_for("requests.one", id=taken.id), 303)


@page.get("/requests/<id>")
def one(id: str) -> str:
    """Show one request, and what carrying it out would come to."""
    return _one(services().register.request(id))


@page.post("/requests/<id>")
def act(id: str) -> Response | str:
    """Note how the person was identified, assign, extend, carry out, or refuse; show what came of it."""
    form, requests, by = request.form, services().office.requests, person().name
    answer: Answer | None = None
    try:
        match form.get("do"):
            case "identify":
                requests.identify(id, Identity(form.get("how", "")), by)
            case "assign":
                requests.assign(id, form.get("to", ""), by)
            case "extend":
                requests.extend(id, form.get("why", ""), by)
            case "package":
                return _package(id)
            case "fulfil":
                must_be_theirs(id)
                answer = requests.fulfil(id, by, wish(form.get("text", ""), form.get("ground", "")))
            case "refuse":
                answer = requests.refuse(id, Refusal(form.get("reason", "")), by)
            case _:
                raise Refused("This is nothing that can be done.", id="no-such-deed")
    except (Refused, ValueError) as problem:
        unsaid = "no-how" if form.get("do") == "identify" else "no-reason"
        refusal = problem if isinstance(problem, Refused) else Refused("Say how, or why.", id=unsaid)
        return refuse(refusal, _one(services().register.request(id), error=words_of(refusal)))
    if answer is not None:
        return _one(answer.request, letter=answer.letter)
    flash("flash.request-changed")
    return redirect(url_for("requests.one", id=id), 303)


def _package(id: str) -> Response:
    """The copies as an age file, for the officer to hand on."""
    form = request.form
    sealed = copies(id, form.get("recipient", ""), form.get("passphrase", ""), form.get("voices", ""))
    return as_file(sealed, f"{id}.zip.age")


def _one(found: Request, **more: Any) -> str:
    planned = None
    if found.status is Status.OPEN:
        try:
            planned = services().office.requests.plan(found.id).request.results
        except Refused as refusal:
            more.setdefault("unplanned", words_of(refusal))
    left = (found.answer_by - services().clock.now()).days
    return render_template(
        "request.html",
        found=found,
        planned=planned,
        left=left,
        identities=list(Identity),
        assignable=[
            user.name
            for user in services().accounts.users()
            if user.disabled_at is None and allowed(May.REQUESTS, user.roles, services().policy())
        ],
        refusals=list(Refusal),
        grounds=list(RestrictionGround),
        copies=found.right in COPIES,
        voices=list(Voices),
        **more,
    )


def _all() -> dict[str, Any]:
    now = services().clock.now()
    listed = services().register.requests(closed=True)
    return {
        "open_ones": [(each, (each.answer_by - now).days) for each in listed if each.status is Status.OPEN],
        "closed": [each for each in listed if each.status is not Status.OPEN],
        "rights": list(Right),
        "letters": services().office.requests.languages,
    }
