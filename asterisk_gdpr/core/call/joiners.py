"""The rules for who joins a talk and is not known: they hear the statement too, where the line says so.

Under `all_informed` nothing more is needed, and they are cleared for this call. Where consent is needed
hearing is not agreeing: the capture stays muted for as long as they are there, and they know of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from asterisk_gdpr.core.agents import Why
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events, renewal
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Party
from asterisk_gdpr.core.policy import LineRules, Permission


def as_told(rules: LineRules, call: Call, parties: Iterable[Party]) -> tuple[Party, ...]:
    """The parties, those cleared who are unknown and have heard what they must be told."""
    if rules.permission is not Permission.ALL_INFORMED:
        return tuple(parties)
    return tuple(
        replace(party, cleared=True, why=Why.TOLD)
        if party.why == Why.UNIDENTIFIED and party.channel in call.told
        else party
        for party in parties
    )


def tell(rules: LineRules, call: Call) -> Step:
    """Begin the statement for whoever is new and unknown, once for each."""
    if not rules.tell_joiners or not call.purposes:
        return call, ()
    unknown = [
        party.channel
        for party in call.parties
        if party.why == Why.UNIDENTIFIED and party.channel not in call.telling
    ]
    call = replace(call, telling=call.telling.union(unknown))
    return call, tuple(do.TellParty(channel) for channel in unknown)


def told(rules: LineRules, call: Call, event: events.PartyTold) -> Step:
    """Who has heard the statement to its end is informed."""
    if not event.heard:
        return call, ()
    call = replace(call, told=call.told | {event.channel})
    return renewal.renewed_or_gated(replace(call, parties=as_told(rules, call, call.parties)))
