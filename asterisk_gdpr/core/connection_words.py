"""What a connection is told and what it wants done, as values; the rules are `core.connection`'s."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from asterisk_gdpr.core.call.state import Result


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
class Joined:
    """The caller and this leg are in one bridge."""

    leg: int


@dataclass(frozen=True)
class NotJoined:
    """The caller and this leg could not be put together."""

    leg: int


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
    """Somebody else is to take the leg's place in the talk; who waits for the outcome goes by `number`."""

    endpoint: str
    number: int = 0


@dataclass(frozen=True)
class Leaving:
    """The process that connects is about to end in good order."""


Event = (
    Ready
    | LegAnswered
    | LegGone
    | Joined
    | NotJoined
    | Alone
    | CallerGone
    | CallerLeft
    | Again
    | Swap
    | Leaving
)


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


@dataclass(frozen=True)
class Report:
    """What came of the swap of this number; nobody waits for number 0."""

    number: int
    result: Result


Effect = Ring | Dial | Tell | Join | HangUpLeg | HangUpCaller | HandBack | Dissolve | Report
