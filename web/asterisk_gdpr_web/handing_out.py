"""Copies that leave the page, for the pages and for REST alike: each as one age file, sealed in memory.

Who it is sealed for is made sure of before anything is opened, and the ledger has each recording before its
first byte is. What leaves is ciphertext, so what it waits in on its way tells nobody anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Found
from asterisk_gdpr.seal.age import sealer
from asterisk_gdpr.service.listening.dossier import zipped
from asterisk_gdpr_web.guard import OVERSEERS, listener, person
from asterisk_gdpr_web.pages.recording import hearable, known
from asterisk_gdpr_web.settings import services

FORMS = ("flac", "wav")
"""How sound is written: both without loss."""


@dataclass(frozen=True)
class Sealing:
    """For whom a copy is sealed: an age recipient (`age1…`) or, without one, a passphrase."""

    recipient: str = ""
    passphrase: str = ""


def taken_out(recording: str) -> Found:
    """A recording that the person may hand out; raises Refused, and for what they may not know of 404."""
    found = known(recording)
    if not hearable(found) and not person().roles & OVERSEERS:
        raise Refused("You are not among the listeners of this recording.", id="not-entitled")
    services().listening.check_taken_out(found, listener())
    return found


def dossier(
    recording: str, reason: Occasion, sealing: Sealing, *, voices: Voices, form: str, given_to: str
) -> Response:
    """A recording with cover sheet, evidence, sealed container and the note how to check them.

    `given_to` is whom it is given to, who must hear of what becomes of the original (Art. 19).
    """
    taken_out(recording)
    seal = sealer(sealing.recipient.strip(), lambda: sealing.passphrase)
    services().exports.check(recording)
    made = services().dossiers.make(
        recording, person().name, reason, recipient=given_to.strip()[:200], voices=voices, form=form
    )
    return as_file(seal(zipped(made.files)), f"{recording}.zip.age")


def agents_copy(which: str, language: str, sealing: Sealing, *, sound: bool) -> Response:
    """Everything that is kept of somebody who takes calls, with their side of their recordings (Art. 15)."""
    found, copies = services().office.agents.found(which), services().agent_copies()
    copies.check(language)
    seal = sealer(sealing.recipient.strip(), lambda: sealing.passphrase)
    return as_file(seal(copies.zip(found, person().name, language, sound=sound)), f"{found.id}.zip.age")


def as_file(sealed: bytes, name: str) -> Response:
    """Hand it to a browser or a program to be kept."""
    response = Response(sealed, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
