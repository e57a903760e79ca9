"""What a restart finds of a call that an earlier life of this process left behind.

Its row says how far the choice had come; Asterisk says where its channels are: in our hands with what the
dialplan handed them over for, somewhere in the dialplan, or gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from asterisk_gdpr.core.connection import Connection, Stage, talking
from asterisk_gdpr.core.parties import Bridges
from asterisk_gdpr.ports import Arrival, CallRow, Way
from asterisk_gdpr.service.call.connecting import Between, leg_number


class Where(StrEnum):
    """Where a call is found."""

    GONE = "gone"
    """Its channel has ended, or can only be ended."""
    TELLING = "telling"
    """In our hands, without a choice: the channel gets a new notice, as a new call."""
    CHOSEN = "chosen"
    """In our hands, between its choice and its passing on."""
    RINGING = "ringing"
    """In our hands, while somebody is called for it."""
    ELSEWHERE = "elsewhere"
    """In the dialplan, or talking in a bridge of ours."""
    UNSEEN = "unseen"
    """Nobody knows while AMI is away; without AMI nothing can be muted either."""


@dataclass(frozen=True)
class Found:
    """Where a call is found, what was being connected, and the legs that nobody waits for any more."""

    where: Where
    to_connect: tuple[Between, Connection] | None = None
    stray: tuple[str, ...] = field(default=())


def find(row: CallRow, channels: Mapping[str, Arrival | None], bridges: Bridges | None) -> Found:
    """Look for a call among all living channels; `bridges` is None while AMI is away."""
    if row.channel not in channels:
        return Found(Where.GONE)
    arrival = channels[row.channel]
    if arrival is not None and row.choice is None:
        return Found(Where.TELLING)
    if arrival is not None and arrival.way is Way.AGAIN:
        return Found(Where.GONE)  # at another line by now; what went before is forgotten, and nobody is asked
    if arrival is not None and arrival.way is not Way.CONNECT:
        return Found(Where.CHOSEN)
    if bridges is None:
        return Found(Where.UNSEEN)
    if leg_number(row.channel):
        return _outbound(row, channels, bridges)
    if arrival is None:
        return Found(Where.ELSEWHERE)
    between = Between(_named(row, bridges), row.channel)
    connection = Connection(False, arrival.endpoint, arrival.seconds)
    legs = tuple(channel for channel in channels if channel.rpartition("-leg")[0] == row.id)
    together = bridges.together(row.channel) - {row.channel}
    if together:
        mine = [leg_number(leg) for leg in legs if leg in together]
        return Found(Where.ELSEWHERE, (between, talking(connection, mine[0] if mine else 0)))
    if legs:
        ringing = Connection(False, arrival.endpoint, arrival.seconds, Stage.DIALLING)
        return Found(Where.RINGING, (between, ringing), legs)
    return Found(Where.CHOSEN, (between, connection))


def _named(row: CallRow, bridges: Bridges) -> str:
    """After which call the connection is named: the one that made the bridge, if there is one of ours."""
    made, mark, _ = bridges.where.get(row.channel, "").rpartition(Between("", "").bridge)
    return made if mark else row.id


def _outbound(row: CallRow, channels: Mapping[str, Arrival | None], bridges: Bridges) -> Found:
    """Who was called and is not talking yet is let go: the notice was cut, and they are called anew."""
    callers = [
        arrival
        for arrival in channels.values()
        if arrival is not None and arrival.way is Way.CONNECT and arrival.linkedid == row.linkedid
    ]
    if not callers or not bridges.together(row.channel) - {row.channel}:
        return Found(Where.GONE, stray=(row.channel,))
    (caller, *_) = callers
    between = Between(_named(row, bridges), caller.channel)
    connection = Connection(True, caller.endpoint, caller.seconds)
    return Found(Where.ELSEWHERE, (between, talking(connection, leg_number(row.channel))))
