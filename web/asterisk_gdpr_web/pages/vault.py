"""The vault: locked or not, and its key."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.epoch import Epoch
from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web.errors import refuse, words_of
from asterisk_gdpr_web.guard import Right, may, person
from asterisk_gdpr_web.language import local_path
from asterisk_gdpr_web.settings import services

page = Blueprint("vault", __name__)


@page.get("/vault")
def show() -> str:
    """Say whether recordings can be opened now, and ask for the passphrase if not."""
    return render_template("vault.html", epochs=_epochs(), next=local_path(request.args.get("next", "")))


@page.post("/vault/unlock")
def unlock() -> Response:
    """Take the private key into memory."""
    wanted = local_path(request.form.get("next", ""))
    passphrase = request.form.get("passphrase", "")
    try:
        services().keeper.unlock(passphrase, by=person().name, address=request.remote_addr or "")
    except Refused as refusal:
        return refuse(
            refusal, render_template("vault.html", epochs=_epochs(), next=wanted, error=words_of(refusal))
        )
    flash("flash.unlocked")
    return redirect(url_for("vault.show") if wanted == "/" else wanted, 303)


@page.post("/vault/lock")
def lock() -> Response:
    """Forget the private key: nobody hears anything until it is unlocked again."""
    services().keeper.lock(by=person().name)
    flash("flash.locked")
    return redirect(url_for("vault.show"), 303)


def _epochs() -> list[tuple[Epoch, int]]:
    """The vault's key pairs, newest first, and how much is sealed to each; for those whose office it is."""
    if not may(Right.UNLOCK):
        return []
    register = services().register
    return [(epoch, register.count_sealed(epoch.id)) for epoch in reversed(register.epochs())]
