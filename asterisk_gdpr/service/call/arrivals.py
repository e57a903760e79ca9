"""Who the data subject of an arriving call is: who calls, or who is called."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from asterisk_gdpr.core.caller import normalise
from asterisk_gdpr.core.connection import Connection, Stage
from asterisk_gdpr.core.internal import Treatment, treatment
from asterisk_gdpr.core.language import language_of
from asterisk_gdpr.core.parties import endpoint_of
from asterisk_gdpr.core.policy import Direction, Line, Policy
from asterisk_gdpr.ports import Arrival, CallRow, Way
from asterisk_gdpr.service.call.connecting import Between
from asterisk_gdpr.service.call.shared import Taken
from asterisk_gdpr.service.keys.keeper import SealedNumber


@dataclass(frozen=True)
class Subject:
    """The data subject's channel, number (as the network or the dialplan has it) and language.

    `to_connect` is what we are to connect, None where the dialplan does.
    """

    channel: str
    number: str
    language: str
    to_connect: tuple[Between, Connection] | None = None


def subject_of(arrival: Arrival, line: Line | None, call: str, country: str) -> Subject:
    """Whom this call is about; `call` is the id that it gets."""
    languages = line.languages if line else ("en",)
    connects = arrival.way is Way.CONNECT
    outbound = connects and line is not None and line.direction is Direction.OUTBOUND
    between = Between(call, arrival.channel)
    to_connect = None
    if connects:
        to_connect = between, Connection(outbound, arrival.endpoint, arrival.seconds)
    if outbound:
        number = arrival.dialled
        language = language_of(languages, chosen=arrival.chosen_language, caller=normalise(number, country))
        return Subject(between.leg(1), number, language, to_connect)
    number = arrival.dialled if arrival.way is Way.CALLED else arrival.number
    language = (
        languages[0]
        if len(languages) == 1
        else language_of(
            languages,
            chosen=arrival.chosen_language,
            dialled=_dialled(line, arrival.dialled, country) if arrival.way is not Way.CALLED else "",
            channel=arrival.language,
            caller=normalise(number, country),
        )
    )
    return Subject(arrival.channel, number, language, to_connect)


def treated(arrival: Arrival, policy: Policy, agents: Collection[str]) -> Treatment:
    """By which line a call is treated, by the endpoint of its data subject."""
    if arrival.way is Way.PRIVACY:  # what one may do about recordings is nobody's in particular
        return Treatment(arrival.line)
    line = policy.lines.get(arrival.line)
    outbound = arrival.way is Way.CONNECT and line is not None and line.direction is Direction.OUTBOUND
    endpoint = endpoint_of(arrival.name)
    if outbound:  # who is called by way of a trunk (`NUMBER@trunk`) is not of the house
        endpoint = "" if "@" in arrival.endpoint else arrival.endpoint
    return treatment(policy, arrival.line, endpoint, agents)


def _dialled(line: Line | None, number: str, country: str) -> str:
    """The language that the policy names for a dialled number, however it is written."""
    if line is None or not number:
        return ""
    e164 = normalise(number, country)
    for listed, language in line.dialled.items():
        if number == listed or (e164 is not None and e164 == normalise(listed, country)):
            return language
    return ""


AT_LINE = "GDPR_LINE"
"""The variable in which the dialplan keeps the line that a channel came to last."""


def is_elsewhere(line: str, at_line: str) -> bool:
    """Whether a channel came to another line since; the dialplan keeps the letters of a name alone."""
    return bool(at_line) and at_line != re.sub(r"[^a-zA-Z0-9_-]", "", line)


def spoken(language: str, line: Line | None) -> str:
    """The language that a caller was spoken to in before, if the line speaks it; else empty."""
    return language if line is not None and language in line.languages else ""


def passed_on(arrival: Arrival) -> Connection:
    """The connection of a call that the dialplan had until now."""
    return Connection(False, arrival.endpoint, arrival.seconds, Stage.OVER)


def row_of(taken: Taken, linkedid: str, sealed: SealedNumber | None, node: str, at: datetime) -> CallRow:
    """What the register is told of a new call."""
    return CallRow(
        id=taken.id,
        channel=taken.channel,
        linkedid=linkedid,
        line=taken.rules.line,
        language=taken.language,
        node=node,
        policy=taken.policy.version,
        arrived_at=at,
        caller_sealed=sealed.sealed if sealed else None,
        caller_index=sealed.index if sealed else None,
        caller_epoch=sealed.epoch if sealed else None,
    )
