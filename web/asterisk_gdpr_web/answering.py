"""Requests of data subjects as people and programs deal with them: for the pages and for REST alike.

What a request comes to is the service's; here is who may be the one for it, and what is named how.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from asterisk_gdpr.core.requests import Request, Right, Status, Voices
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.seal.age import sealer
from asterisk_gdpr.service.rights.carrying_out import Wish
from asterisk_gdpr.service.rights.naming import Said
from asterisk_gdpr_web.guard import must_deal_with, person
from asterisk_gdpr_web.pages.recording import named
from asterisk_gdpr_web.settings import services

COPIES = (Right.ACCESS, Right.PORTABILITY)


def take(
    right: Right,
    *,
    number: str = "",
    receipt: str = "",
    reference: str = "",
    recordings: Sequence[str] = (),
    purposes: Sequence[str] = (),
    received_at: datetime | None = None,
    language: str = "en",
    contact: str = "",
    asked: str = "",
    id: str = "",
) -> Request:
    """Open one, about a number, or about recordings by their ids or by a code; raises Refused.

    A code names recordings and no number: what it finds is what the request is about.
    """
    wanted = list(recordings)
    if receipt or reference:
        said = Said(number=number, receipt=receipt, reference=reference)
        wanted, number = [*wanted, *services().office.naming.recordings(said)], ""
    return services().office.requests.open(
        right,
        by=person().name,
        number=number,
        recordings=named(wanted),
        purposes=purposes,
        received_at=received_at,
        language=language,
        contact=contact,
        asked=asked,
        id=id,
    )


def must_be_theirs(id: str) -> None:
    """A request reaches every recording of its person: who has only some lines may not be the one for it."""
    if person().lines:
        planned = services().office.requests.plan(id).request.results
        must_deal_with(*(services().register.recording(each.recording).line for each in planned))


def wish(text: str, ground: str) -> Wish:
    """What carrying it out is to be done with; copies are handed out before."""
    handed_out = services().packages().check_given
    return Wish(text, RestrictionGround(ground) if ground else None, handed_out)


def copies(id: str, recipient: str, passphrase: str, voices: str) -> bytes:
    """The copies as an age file, for the officer to hand on; put together and sealed in memory."""
    must_be_theirs(id)
    found, packages = services().register.request(id), services().packages()
    if found.status is not Status.OPEN or found.right not in COPIES:
        raise Refused("This request is not answered by copies.", id="no-copies")
    if not found.identity:
        raise Refused("It is not known yet who asks.", id="not-identified")
    seal = sealer(recipient.strip(), lambda: passphrase)
    planned = services().office.requests.plan(found.id).request.results
    given = [each.recording for each in planned if each.result == "given"]
    if not given:
        raise Refused("There is nothing to hand out.", id="no-copies")
    return seal(packages.zip(found, given, person().name, Voices(voices)))
