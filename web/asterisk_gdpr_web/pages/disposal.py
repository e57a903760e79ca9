"""What may be done with a recording: restrict it, hand it out, erase it; each with its reason and outcome."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.recording import Occasion, Reason
from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.erasing.erasure import Item, Result
from asterisk_gdpr.service.listening.dossier import sound_as
from asterisk_gdpr_web import errors
from asterisk_gdpr_web.faults import Mistyped
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.handing_out import FORMS, Sealing, dossier, taken_out
from asterisk_gdpr_web.pages.marks import moment_in
from asterisk_gdpr_web.pages.recording import again, known
from asterisk_gdpr_web.pages.recordings import midnight, row_of
from asterisk_gdpr_web.settings import services

ERASED_FOR = (Reason.REQUESTED, Reason.OBJECTED, Reason.WITHDRAWN, Reason.UNLAWFUL, Reason.TEST)
"""For what a person erases; periods that end need nobody."""
T = TypeVar("T", bound=StrEnum)
page = Blueprint("disposal", __name__)


@page.get("/recordings/<recording>/erase")
def show(recording: str) -> str:
    """Ask before erasing, and say what would come of it."""
    return _ask(recording)


@page.post("/recordings/<recording>/erase")
@errors.again(lambda error, recording: _ask(recording, error=error))
def erase(recording: str) -> Response | str:
    """Erase for a reason, and show the outcome: done with proof, refused with its ground, or not yet."""
    known(recording)
    reason = _chosen(ERASED_FOR, request.form.get("reason", ""))
    services().register.record(
        "erasure-ordered",
        {"user": person().name, "recording": recording, "reason": reason.value},
        services().clock.now(),
    )
    return _ask(recording, services().erase(recording, reason, False))


@page.post("/recordings/<recording>/redact")
@errors.again(again)
def redact(recording: str) -> Response:
    """Silence a span for good: what is left lives on as a recording of its own, under another key."""
    known(recording)
    made = services().office.deriving.redact(recording, [_span()], person().name, _why())
    flash("flash.redacted-waits" if made.waits_for else "flash.redacted")
    return redirect(url_for("recording.show", recording=made.recording), 303)


@page.post("/recordings/<recording>/part")
@errors.again(again)
def part(recording: str) -> Response:
    """Let a part live by itself for a purpose: the conclusion of a contract, say."""
    known(recording)
    purpose = request.form.get("purpose", "")
    made = services().office.deriving.mark_part(recording, _span(), purpose, person().name, _why())
    flash("flash.part-made")
    return redirect(url_for("recording.show", recording=made.recording), 303)


def _span() -> tuple[float, float]:
    return moment_in("from") / 1000, moment_in("until") / 1000


def _why() -> str:
    why = request.form.get("why", "").strip()[:200]
    if not why:
        raise Mistyped("Say why.", id="no-reason", field="why")
    return why


@page.post("/recordings/<recording>/restrict")
@errors.again(again)
def restrict(recording: str) -> Response:
    """Nobody may listen any more, and no period ends it, until it is lifted."""
    known(recording)
    ground = _chosen(RestrictionGround, request.form.get("reason", ""))
    services().office.rights.restrict(recording, ground, by=person().name)
    flash("flash.restricted")
    return redirect(url_for("recording.show", recording=recording), 303)


@page.post("/recordings/<recording>/lift")
@errors.again(again)
def lift(recording: str) -> Response:
    """Lift a restriction, of which the person was told on a day that is named."""
    known(recording)
    standing = {one.id for one in services().register.restrictions(recording)}
    restriction = request.form.get("restriction", "")
    if restriction not in standing:
        raise Refused("There is no such restriction.", id="no-restriction")
    ended, _ = midnight(request.form.get("told", ""), timedelta(days=1))
    now = services().clock.now()
    told_at = None if ended is None or ended - timedelta(days=1) > now else min(ended, now)
    services().office.rights.lift(restriction, told_at, person().name)
    flash("flash.restriction-lifted")
    return redirect(url_for("recording.show", recording=recording), 303)


@page.post("/recordings/<recording>/export")
@errors.again(again)
def export(recording: str) -> Response:
    """Hand the sound out, in plaintext, after the ledger has who took it and why."""
    form = request.form
    taken_out(recording)
    reason, voices = _chosen(Occasion, form.get("reason", "")), _chosen(Voices, form.get("voices", "both"))
    kind = form.get("kind", "wav") if form.get("kind") in FORMS else "wav"
    exported = services().exports.take(recording, person().name, reason)
    response = Response(sound_as(exported, voices, kind), content_type=f"audio/{kind}")
    response.headers["Content-Disposition"] = f'attachment; filename="{recording}.{kind}"'
    return response


@page.post("/recordings/<recording>/dossier")
@errors.again(again)
def package(recording: str) -> Response:
    """Hand it out with everything that vouches for it, as one age file, after the ledger has who and why."""
    form = request.form
    return dossier(
        recording,
        _chosen(Occasion, form.get("reason", "")),
        Sealing(form.get("recipient", ""), form.get("passphrase", "")),
        voices=_chosen(Voices, form.get("voices", "")),
        form=form.get("kind", "") if form.get("kind") in FORMS else "flac",
        given_to=form.get("for", ""),
    )


def _ask(recording: str, done: Item | None = None, *, error: str = "") -> str:
    found = services().library.found(recording) if done else known(recording)
    would = None if done else services().erase(recording, Reason.REQUESTED, True)
    certified = services().register.certificate(recording) is not None
    return render_template(
        "erase.html",
        row=row_of(found),
        recording=found.recording,
        reasons=ERASED_FOR,
        done=done,
        would=would,
        good=done is not None and done.result in (Result.ERASED, Result.MISSING),
        certified=certified,
        error=error,
    )


def _chosen(among: Iterable[T], text: str) -> T:
    """Return the word that was chosen in a form; Refused for one that does not stand there."""
    for one in among:
        if one == text:
            return one
    raise Refused("Say why.", id="no-reason")
