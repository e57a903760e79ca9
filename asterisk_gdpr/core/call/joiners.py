"""The rules for who joins a talk and is not known: they hear the statement too, where the line says so.

Under `all_informed` nothing more is needed, and they are cleared for this call. Where consent is needed
hearing is not agreeing: the capture stays muted for as long as they are there, and they know of it; unless
the line has them asked (`ask_joiners`), and they agree by a key, after the statement. They may refuse at any
moment, and withdraw like a caller; then the capture is muted for as long as they are there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from asterisk_gdpr.core.agents import Why
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events, renewal
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import KEYS, Call, Part, Party
from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.policy import Permission


def as_told(rules: LineRules, call: Call, parties: Iterable[Party]) -> tuple[Party, ...]:
    """The parties; who is unknown is cleared by what they were told, or have agreed to."""
    if rules.ask_joiners:
        enough, why = call.agreed, Why.AGREED
    elif rules.permission is Permission.ALL_INFORMED:
        enough, why = call.told, Why.TOLD
    else:
        return tuple(parties)
    return tuple(_as_known(party, party.channel in enough, why) for party in parties)


def _as_known(party: Party, enough: bool, why: Why) -> Party:
    if enough and party.why == Why.UNIDENTIFIED:
        return replace(party, cleared=True, why=why)
    if not enough and party.why == why:
        return replace(party, cleared=False, why=Why.UNIDENTIFIED)
    return party


def tell(rules: LineRules, call: Call) -> Step:
    """Begin the statement for whoever is new and unknown, once for each."""
    if not (rules.tell_joiners or rules.ask_joiners) or not call.purposes:
        return call, ()
    unknown = [
        party.channel
        for party in call.parties
        if party.why == Why.UNIDENTIFIED and party.channel not in call.telling
    ]
    call = replace(call, telling=call.telling.union(unknown))
    return call, tuple(do.TellParty(channel) for channel in unknown)


def told(rules: LineRules, call: Call, event: events.PartyTold) -> Step:
    """Who has heard the statement to its end is informed, and may be asked."""
    if not event.heard:
        return call, ()
    call = replace(call, told=call.told | {event.channel})
    if not rules.ask_joiners:
        return _as_is_now(rules, call)
    part = Part.JOINER_REFUSED if event.channel in call.declined else Part.JOINER_QUESTION
    return call, (do.WhisperToParty(event.channel, part),)


def pressed(rules: LineRules, call: Call, event: events.PartyPressed) -> Step:
    """A key of somebody who is asked: their answer, once; and after it, their withdrawal."""
    channel, starred = event.channel, call.starred
    call = replace(call, starred=channel if event.digit == "*" else "")
    if not rules.ask_joiners or channel not in call.telling:
        return call, ()
    if channel in call.agreed:
        withdraws = starred == channel and "*" + event.digit == KEYS.withdraw
        return _declined(rules, call, channel) if withdraws else (call, ())
    if channel in call.declined:
        return call, ()
    if event.digit == KEYS.refuse:
        return _declined(rules, call, channel)
    if event.digit == KEYS.agree and channel in call.told:
        call, effects = _as_is_now(rules, replace(call, agreed=call.agreed | {channel}))
        return call, (*effects, do.WhisperToParty(channel, Part.JOINER_AGREED))
    return call, ()


def _declined(rules: LineRules, call: Call, channel: str) -> Step:
    """Told at once, or when the statement is over that they hear now."""
    call = replace(call, agreed=call.agreed - {channel}, declined=call.declined | {channel})
    call, effects = _as_is_now(rules, call)
    if channel in call.told:
        effects = (*effects, do.WhisperToParty(channel, Part.JOINER_REFUSED))
    return call, effects


def _as_is_now(rules: LineRules, call: Call) -> Step:
    return renewal.renewed_or_gated(replace(call, parties=as_told(rules, call, call.parties)))
