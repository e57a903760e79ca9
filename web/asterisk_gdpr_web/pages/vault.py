"""Keys and storage: the vault locked or not, its key pairs, the escrow key tried, the room that is left."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.epoch import Epoch
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Damaged, Refused, Unreachable
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import Right, may, person
from asterisk_gdpr_web.language import local_path
from asterisk_gdpr_web.settings import services

page = Blueprint("vault", __name__)


@page.get("/vault")
def show() -> str:
    """Say whether recordings can be opened now, and ask for the passphrase if not."""
    return render_template("vault.html", next=local_path(request.args.get("next", "")), **_all())


@page.post("/vault/unlock")
def unlock() -> Response:
    """Take the private key into memory."""
    wanted = local_path(request.form.get("next", ""))
    passphrase = request.form.get("passphrase", "")
    try:
        services().keeper.unlock(passphrase, by=person().name, address=request.remote_addr or "")
    except Refused as refusal:
        return refuse(refusal, render_template("vault.html", next=wanted, error=words_of(refusal), **_all()))
    flash("flash.unlocked")
    return redirect(url_for("vault.show") if wanted == "/" else wanted, 303)


@page.post("/vault/lock")
def lock() -> Response:
    """Forget the private key: nobody hears anything until it is unlocked again."""
    services().keeper.lock(by=person().name)
    flash("flash.locked")
    return redirect(url_for("vault.show"), 303)


@page.post("/vault/drill")
def drill() -> Response | str:
    """Try the escrow key on the copies at hand, in memory; nothing is changed by it."""
    file = request.files.get("file")
    try:
        document = file.read() if file else b""
        if not document:
            raise Refused("Choose a file.", id="no-file")
        drilled = services().office.escrow.rehearse(
            document, request.form.get("passphrase", ""), person().name
        )
    except (Refused, Damaged, Unreachable) as problem:
        html = render_template("vault.html", error=words_of(problem), drill_open=True, next="/", **_all())
        return refuse(problem, html)
    return render_template("vault.html", drilled=drilled, next="/", **_all())


def _all() -> dict[str, Any]:
    """What stands beside the lock, for those whose office it is."""
    if not may(Right.UNLOCK):
        return {}
    return {
        "epochs": epochs(),
        "escrow": services().office.escrow.copies(),
        "rooms": sorted(services().rooms().items()),
        "kept": services().register.count_recordings().get(State.SEALED, 0),
    }


def epochs() -> list[tuple[Epoch, int]]:
    """The vault's key pairs, newest first, and how much is sealed to each."""
    register = services().register
    return [(epoch, register.count_sealed(epoch.id)) for epoch in reversed(register.epochs())]
