"""Putting two people together: every rule of it, without any doing.

In the connect mode the daemon calls whom the dialplan would have called, and joins both in a bridge. The
*caller* is the channel that the dialplan handed to us; a *leg* is a channel that we called for it. Inbound
the caller is the data subject: the notice comes first, then the leg is called. Outbound the leg is: it is
called first, hears the notice when it has answered, and is joined when it has chosen.

    inbound   TELLING → DIALLING → TALKING → OVER
    outbound  DIALLING → TELLING → TALKING → OVER

What the call machine decides of notice and capture is nothing to this one: it is told when the notice is
over (`Ready`), whatever it came to. Whatever fails ends with the caller handed back to the dialplan with a
status, or without one; then the dialplan calls by itself what we could not, unrecorded by us.

A leg has a number, so that what is told of one that has been given up is not taken for the next one's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from asterisk_gdpr.core.call.state import Result
from asterisk_gdpr.core.connection_words import (
    Again,
    Alone,
    CallerGone,
    CallerLeft,
    Dial,
    Dissolve,
    Effect,
    Event,
    HandBack,
    HangUpCaller,
    HangUpLeg,
    Join,
    Joined,
    Leaving,
    LegAnswered,
    LegGone,
    NotJoined,
    Ready,
    Report,
    Ring,
    Status,
    Swap,
    Tell,
    status_of,
)

__all__ = [
    "IGNORED",
    "RULES",
    "SWAP_RINGS",
    "Again",
    "Alone",
    "CallerGone",
    "CallerLeft",
    "Connection",
    "Dial",
    "Dissolve",
    "Effect",
    "Event",
    "HandBack",
    "HangUpCaller",
    "HangUpLeg",
    "Join",
    "Joined",
    "Leaving",
    "LegAnswered",
    "LegGone",
    "NotJoined",
    "Ready",
    "Report",
    "Ring",
    "Stage",
    "Status",
    "Step",
    "Swap",
    "Tell",
    "begin",
    "status_of",
    "step",
    "talking",
]

SWAP_RINGS = 20
"""Seconds that somebody who is to take over may let it ring."""


class Stage(StrEnum):
    """Where a connection stands."""

    TELLING = "telling"
    """The data subject hears the notice."""
    DIALLING = "dialling"
    TALKING = "talking"
    OVER = "over"
    """Handed back, or hung up."""


@dataclass(frozen=True)
class Connection:
    """One caller and whom they are to talk to.

    `leg` is the number of the leg that counts (0: none), `next_leg` that of one that is called in the talk to
    take its place (0: none), `asked` who waits for what comes of that (0: nobody), `legs` how many there have
    been; `leaving` is a node that begins nothing more.
    """

    outbound: bool
    endpoint: str
    seconds: int
    stage: Stage = Stage.TELLING
    leg: int = 0
    next_leg: int = 0
    asked: int = 0
    legs: int = 0
    leaving: bool = False


Step = tuple[Connection, tuple[Effect, ...]]


# --- the rules ------------------------------------------------------------------------------------


def begin(connection: Connection) -> Step:
    """The caller has been handed to us: outbound somebody is called at once."""
    if connection.outbound and connection.stage is Stage.TELLING and not connection.legs:
        return _dial(connection)
    return connection, ()


def _dial(connection: Connection) -> Step:
    leg = connection.legs + 1
    called = replace(connection, stage=Stage.DIALLING, leg=leg, legs=leg)
    return called, (Ring(), Dial(leg, connection.endpoint, connection.seconds))


def _over(connection: Connection, *effects: Effect) -> Step:
    """The end, with every leg that may live hung up and nothing of a bridge left."""
    alive = [HangUpLeg(leg) for leg in (connection.leg, connection.next_leg) if leg]
    talked = (Dissolve(),) if connection.stage is Stage.TALKING else ()
    told = _told(connection, Result.NOT_REACHED)
    over = replace(connection, stage=Stage.OVER, leg=0, next_leg=0, asked=0)
    return over, (*effects, *alive, *talked, *told)


def _told(connection: Connection, result: Result) -> tuple[Effect, ...]:
    return (Report(connection.asked, result),) if connection.asked else ()


def _ready(connection: Connection, _event: Ready) -> Step:
    if connection.outbound:
        return replace(connection, stage=Stage.TALKING), (Join(connection.leg),)
    if connection.leaving:
        return _over(connection, HandBack(None))
    return _dial(connection)


def _answered(connection: Connection, event: LegAnswered) -> Step:
    if event.leg != connection.leg:
        return connection, (HangUpLeg(event.leg),)
    if connection.outbound:
        return replace(connection, stage=Stage.TELLING), (Tell(),)
    return replace(connection, stage=Stage.TALKING), (Join(event.leg),)


def _answered_in_talk(connection: Connection, event: LegAnswered) -> Step:
    """The one who takes over is there; the one before goes as soon as they are with the caller."""
    return connection, (Join(event.leg) if event.leg == connection.next_leg else HangUpLeg(event.leg),)


def _joined(connection: Connection, event: Joined) -> Step:
    """Both have changed places."""
    if event.leg != connection.next_leg:
        return connection, ()
    before = (HangUpLeg(connection.leg),) if connection.leg else ()
    swapped = replace(connection, leg=event.leg, next_leg=0, asked=0)
    return swapped, (*before, *_told(connection, Result.SWAPPED))


def _not_reached(connection: Connection, event: LegGone) -> Step:
    if event.leg != connection.leg:
        return connection, ()
    status = status_of(event.cause)
    return _over(replace(connection, leg=0), HandBack(status))


def _left_in_notice(connection: Connection, event: LegGone) -> Step:
    """Outbound: who was called hung up before they were connected with anybody."""
    if event.leg != connection.leg or not connection.outbound:
        return connection, ()
    return _over(replace(connection, leg=0), HandBack(Status.NOANSWER))


def _leg_gone(connection: Connection, event: LegGone) -> Step:
    """Who took over by a transfer in Asterisk is no leg of ours; otherwise the talk is over."""
    if event.leg == connection.next_leg:
        return _not_swapped(connection, others=event.others)
    if event.leg != connection.leg:
        return connection, ()
    connection = replace(connection, leg=0)
    if event.others or connection.next_leg:
        return connection, ()
    return _over(connection, HangUpCaller())


def _not_swapped(connection: Connection, *effects: Effect, others: bool) -> Step:
    """The talk goes on as it was, if there is still one."""
    told = _told(connection, Result.NOT_REACHED)
    connection = replace(connection, next_leg=0, asked=0)
    if connection.leg or others:
        return connection, (*effects, *told)
    return _over(connection, HangUpCaller(), *effects, *told)


def _alone(connection: Connection, _event: Alone) -> Step:
    if connection.leg or connection.next_leg:
        return connection, ()
    return _over(connection, HangUpCaller())


def _not_joined(connection: Connection, event: NotJoined) -> Step:
    """Whoever talks goes on talking when it was somebody else who could not be brought in."""
    if event.leg == connection.next_leg:
        return _not_swapped(connection, HangUpLeg(event.leg), others=False)
    if event.leg != connection.leg:
        return connection, ()
    return _over(connection, HandBack(None))


def _gone(connection: Connection, _event: CallerGone | CallerLeft) -> Step:
    return _over(connection)


def _again(connection: Connection, event: Again) -> Step:
    return _dial(replace(connection, endpoint=event.endpoint, seconds=event.seconds))


def _swap(connection: Connection, event: Swap) -> Step:
    if connection.next_leg:
        return connection, _report(event, Result.SWAPPING)
    leg = connection.legs + 1
    called = replace(connection, next_leg=leg, legs=leg, asked=event.number)
    return called, (Dial(leg, event.endpoint, SWAP_RINGS),)


def _no_swap(connection: Connection, event: Swap) -> Step:
    """Nobody is swapped before the talk, or after it."""
    return connection, _report(event, Result.NOT_TALKING)


def _report(event: Swap, result: Result) -> tuple[Effect, ...]:
    return (Report(event.number, result),) if event.number else ()


def _leaving_telling(connection: Connection, _event: Leaving) -> Step:
    """The call machine ends the notice by itself; what comes of it is for the dialplan, or a bridge."""
    return replace(connection, leaving=True), ()


def _leaving_dialling(connection: Connection, _event: Leaving) -> Step:
    return _over(connection, HandBack(None))


def _leaving_talk(connection: Connection, _event: Leaving) -> Step:
    """The talk goes on without us."""
    return replace(connection, leaving=True), ()


_Rule = Callable[[Connection, Any], Step]

RULES: dict[tuple[Stage, type[Any]], _Rule] = {
    (Stage.TELLING, Ready): _ready,
    (Stage.TELLING, LegGone): _left_in_notice,
    (Stage.TELLING, Leaving): _leaving_telling,
    (Stage.DIALLING, LegAnswered): _answered,
    (Stage.DIALLING, LegGone): _not_reached,
    (Stage.DIALLING, Leaving): _leaving_dialling,
    (Stage.TALKING, LegAnswered): _answered_in_talk,
    (Stage.TALKING, LegGone): _leg_gone,
    (Stage.TALKING, Alone): _alone,
    (Stage.TALKING, Joined): _joined,
    (Stage.TALKING, NotJoined): _not_joined,
    (Stage.TALKING, Swap): _swap,
    (Stage.TALKING, Leaving): _leaving_talk,
    (Stage.OVER, Again): _again,
    **{(stage, Swap): _no_swap for stage in Stage if stage is not Stage.TALKING},
    **{(stage, CallerGone): _gone for stage in Stage if stage is not Stage.OVER},
    **{(stage, CallerLeft): _gone for stage in Stage if stage is not Stage.OVER},
}


def _stray(connection: Connection, event: LegAnswered) -> Step:
    """Nobody waits for this one any more."""
    return connection, (HangUpLeg(event.leg),)


RULES[Stage.OVER, LegAnswered] = RULES[Stage.TELLING, LegAnswered] = _stray

IGNORED: frozenset[tuple[Stage, type[Any]]] = frozenset(
    {
        # Only in a talk can anybody be alone, be joined, or not.
        *(
            (stage, kind)
            for stage in Stage
            for kind in (Alone, Joined, NotJoined)
            if stage is not Stage.TALKING
        ),
        # The dialplan cannot hand over a caller who is in our hands.
        *((stage, Again) for stage in Stage if stage is not Stage.OVER),
        # The notice ends once.
        *((stage, Ready) for stage in Stage if stage is not Stage.TELLING),
        *((Stage.OVER, kind) for kind in (LegGone, CallerGone, CallerLeft, Leaving)),
    }
)


def step(connection: Connection, event: Event) -> Step:
    """The connection after an event, and what must be done, in order."""
    place = (connection.stage, type(event))
    if place in IGNORED:
        return connection, ()
    return RULES[place](connection, event)


def talking(connection: Connection, leg: int) -> Connection:
    """The connection as a restart finds it in a talk; `leg` is 0 when who is there is no leg of ours."""
    return replace(connection, stage=Stage.TALKING, leg=leg, legs=leg)
