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


class Stage(StrEnum):
    """Where a connection stands."""

    TELLING = "telling"
    """The data subject hears the notice."""
    DIALLING = "dialling"
    TALKING = "talking"
    OVER = "over"
    """Handed back, or hung up."""


class Status(StrEnum):
    """The value of `GDPR_DIALSTATUS`: the words of Asterisk's own DIALSTATUS."""

    ANSWER = "ANSWER"
    BUSY = "BUSY"
    NOANSWER = "NOANSWER"
    CONGESTION = "CONGESTION"
    CHANUNAVAIL = "CHANUNAVAIL"


_STATUS = {
    17: Status.BUSY,
    16: Status.NOANSWER,
    18: Status.NOANSWER,
    19: Status.NOANSWER,
    21: Status.BUSY,
    34: Status.CONGESTION,
    38: Status.CONGESTION,
    42: Status.CONGESTION,
}


def status_of(cause: int) -> Status:
    """What a leg that was never answered came to, by its cause (Q.850)."""
    return _STATUS.get(cause, Status.CHANUNAVAIL)


@dataclass(frozen=True)
class Connection:
    """One caller and whom they are to talk to.

    `leg` is the number of the leg that counts (0: none), `next_leg` that of one that is called in the talk to
    take its place (0: none), `legs` how many there have been; `leaving` is a node that begins nothing more.
    """

    outbound: bool
    endpoint: str
    seconds: int
    stage: Stage = Stage.TELLING
    leg: int = 0
    next_leg: int = 0
    legs: int = 0
    leaving: bool = False


# --- what it is told ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """The notice is over, whatever it came to."""


@dataclass(frozen=True)
class LegAnswered:
    """A leg has taken the call and is in our hands."""

    leg: int


@dataclass(frozen=True)
class LegGone:
    """A leg has hung up, or could not be called; `others`: somebody else is with the caller."""

    leg: int
    cause: int
    others: bool = False


@dataclass(frozen=True)
class NotJoined:
    """The two could not be put together."""


@dataclass(frozen=True)
class Alone:
    """Nobody is with the caller any more."""


@dataclass(frozen=True)
class CallerGone:
    """The caller has hung up."""


@dataclass(frozen=True)
class CallerLeft:
    """The caller is in the dialplan again: handed back by us, or taken back by the watchdog."""


@dataclass(frozen=True)
class Again:
    """The dialplan has handed the caller to us once more, to be connected with somebody else."""

    endpoint: str
    seconds: int


@dataclass(frozen=True)
class Swap:
    """Somebody else is to take the leg's place in the talk."""

    endpoint: str


@dataclass(frozen=True)
class Leaving:
    """The process that connects is about to end in good order."""


Event = Ready | LegAnswered | LegGone | NotJoined | Alone | CallerGone | CallerLeft | Again | Swap | Leaving


# --- what it wants done ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Ring:
    """Let the caller hear that it rings."""


@dataclass(frozen=True)
class Dial:
    """Call somebody; the answer, or the end of it, comes back as an event of this leg."""

    leg: int
    endpoint: str
    seconds: int


@dataclass(frozen=True)
class Tell:
    """Begin the notice: the data subject has answered."""


@dataclass(frozen=True)
class Join:
    """Put the caller and a leg into one bridge."""

    leg: int


@dataclass(frozen=True)
class HangUpLeg:
    """End a leg."""

    leg: int


@dataclass(frozen=True)
class HangUpCaller:
    """End the caller's channel: the talk is over."""


@dataclass(frozen=True)
class HandBack:
    """Give the caller back to the dialplan; without a status it calls by itself."""

    status: Status | None


@dataclass(frozen=True)
class Dissolve:
    """The bridge is needed no more."""


Effect = Ring | Dial | Tell | Join | HangUpLeg | HangUpCaller | HandBack | Dissolve

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
    return replace(connection, stage=Stage.OVER, leg=0, next_leg=0), (*effects, *alive, *talked)


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
    """The one who takes over is there: both change places at once."""
    if event.leg != connection.next_leg:
        return connection, (HangUpLeg(event.leg),)
    before = (HangUpLeg(connection.leg),) if connection.leg else ()
    return replace(connection, leg=event.leg, next_leg=0), (Join(event.leg), *before)


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
        return replace(connection, next_leg=0), ()
    if event.leg != connection.leg:
        return connection, ()
    connection = replace(connection, leg=0)
    if event.others or connection.next_leg:
        return connection, ()
    return _over(connection, HangUpCaller())


def _alone(connection: Connection, _event: Alone) -> Step:
    if connection.leg or connection.next_leg:
        return connection, ()
    return _over(connection, HangUpCaller())


def _not_joined(connection: Connection, _event: NotJoined) -> Step:
    return _over(connection, HandBack(None))


def _gone(connection: Connection, _event: CallerGone | CallerLeft) -> Step:
    return _over(connection)


def _again(connection: Connection, event: Again) -> Step:
    return _dial(replace(connection, endpoint=event.endpoint, seconds=event.seconds))


def _swap(connection: Connection, event: Swap) -> Step:
    if connection.next_leg:
        return connection, ()
    leg = connection.legs + 1
    return replace(connection, next_leg=leg, legs=leg), (Dial(leg, event.endpoint, connection.seconds),)


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
    (Stage.TALKING, NotJoined): _not_joined,
    (Stage.TALKING, Swap): _swap,
    (Stage.TALKING, Leaving): _leaving_talk,
    (Stage.OVER, Again): _again,
    **{(stage, CallerGone): _gone for stage in Stage if stage is not Stage.OVER},
    **{(stage, CallerLeft): _gone for stage in Stage if stage is not Stage.OVER},
}


def _stray(connection: Connection, event: LegAnswered) -> Step:
    """Nobody waits for this one any more."""
    return connection, (HangUpLeg(event.leg),)


RULES[Stage.OVER, LegAnswered] = RULES[Stage.TELLING, LegAnswered] = _stray

IGNORED: frozenset[tuple[Stage, type[Any]]] = frozenset(
    {
        # Only in a talk can anybody be alone, be swapped, or not be joined.
        *(
            (stage, kind)
            for stage in Stage
            for kind in (Alone, NotJoined, Swap)
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
