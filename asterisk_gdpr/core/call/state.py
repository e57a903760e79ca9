"""The call as the machine sees it, and the words of its parts: all values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """Where a call stands."""

    STATEMENT = "statement"
    """The statement of the notice plays: who records, why, for how long."""
    QUESTION = "question"
    """A question of the notice plays."""
    WAITING = "waiting"
    """The question has ended; the caller has a few seconds to press a key."""
    DETAILS = "details"
    """The second layer plays, because the caller asked for it."""
    CONFIRMING = "confirming"
    """The choice is taken; it is committed, acknowledged, and the recording made ready."""
    PASSED = "passed"
    """The call is in the dialplan again: ringing, queueing, talking."""
    ENDED = "ended"
    """The caller's channel is gone."""


class Outcome(StrEnum):
    """The value of `GDPR_CHOICE`: what the choice came to, never more than the caller said."""

    AGREED = "agreed"
    NOT_OBJECTED = "not_objected"
    REFUSED = "refused"
    PARTIAL = "partial"
    MANDATORY = "mandatory"
    NEVER = "never"
    SAMPLED_OUT = "sampled_out"
    EXEMPT = "exempt"
    SHADOW = "shadow"
    FAX = "fax"
    """A fax machine called: nobody to tell, nothing to record."""
    UNAVAILABLE = "unavailable"


class Said(StrEnum):
    """What the caller did with a question."""

    AGREED = "agreed"
    REFUSED = "refused"
    SILENCE = "silence"


class Capture(StrEnum):
    """What MixMonitor does for this call."""

    NONE = "none"
    PREPARING = "preparing"
    """The data key is being made, wrapped and committed."""
    STARTING = "starting"
    """MixMonitor has been asked to start, muted."""
    MUTED = "muted"
    OPEN = "open"
    """Audio is being captured."""
    RENEWING = "renewing"
    """It was stopped for a moment, to be started anew for a new party."""
    STOPPED = "stopped"
    """It ran and runs no more."""


class Verb(StrEnum):
    """What can be asked of the recording of a call that is talking."""

    PAUSE = "pause"
    RESUME = "resume"
    TOGGLE = "toggle"
    """The one of the two that changes something: what a key does."""
    STOP = "stop"
    """An agent stops and destroys it, for a caller who asks aloud."""
    WITHDRAW = "withdraw"
    """The caller withdraws, by another way than the keys."""
    SWAP = "swap"
    """Somebody else is to take the agent's place, where the daemon has connected the two."""


class Result(StrEnum):
    """What came of a command."""

    PAUSED = "paused"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"
    """Stopped; the keys are destroyed, now or after the line's grace."""
    KEPT_BY_LAW = "kept_by_law"
    """What the law demands goes on."""
    HELD = "held"
    """Stopped, and kept, since somebody has placed a hold."""
    STOPPED = "stopped"
    """Stopped; the register has not taken the rest yet."""
    NOT_RECORDED = "not_recorded"
    NOT_PAUSED = "not_paused"
    NOT_ALLOWED = "not_allowed"
    """The line knows no pause."""
    NOT_TALKING = "not_talking"
    """The call is in its notice, or over."""
    NO_SUCH_CALL = "no_such_call"
    SWAPPED = "swapped"
    """Another agent is with the caller, and the one before has gone."""
    NOT_REACHED = "not_reached"
    """The other agent was busy, or did not answer in time: nothing has changed."""
    SWAPPING = "swapping"
    """Somebody is being called to take the agent's place already."""
    NOT_CONNECTED = "not_connected"
    """The dialplan has connected this call, so only the dialplan or a phone can transfer it."""
    NO_SUCH_AGENT = "no_such_agent"


class Word(StrEnum):
    """By whose word a recording is withdrawn."""

    KEY = "key"
    CALLER = "caller"
    AGENT = "agent"


class Signal(StrEnum):
    """A tone that the agents of a call hear, and nobody else."""

    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"


class MuteReason(StrEnum):
    """Why capture is muted, for the manifest."""

    PARTIES = "parties"
    """Somebody is not cleared, or nobody is there."""
    HOLD = "hold"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    LEAVING = "leaving"
    UNWATCHED = "unwatched"


class Ending(StrEnum):
    """How a call ended; every end has a name."""

    IN_STATEMENT = "hung_up_in_statement"
    IN_QUESTION = "hung_up_in_question"
    IN_WAITING = "hung_up_in_waiting"
    IN_DETAILS = "hung_up_in_details"
    IN_CONFIRMING = "hung_up_in_confirming"
    UNANSWERED = "ended_unanswered"
    UNWATCHED = "ended_unwatched"
    """Nobody was there to see whether it was answered."""
    TALKED = "ended_after_talk"
    MOVED_ON = "moved_on"
    """It goes on as another call: at another line, or under a choice that was made anew."""


class Part(StrEnum):
    """A part of what callers are told; the question has a number beside it."""

    STATEMENT = "statement"
    QUESTION = "question"
    DETAILS = "details"
    AGREED = "agreed"
    KEPT_BY_LAW = "kept_by_law"
    """After a refusal: only what the law demands is recorded."""
    WITHDRAWN = "withdrawn"
    """Whispered: the recording has stopped and what was recorded is being destroyed."""
    WITHDRAWN_LATER = "withdrawn_later"
    """The same where a grace lies between: stopped, locked, destroyed after it."""
    WITHDRAWN_KEPT = "withdrawn_kept"
    """The same where a mandatory purpose remains: only that one."""
    DIGIT = "digit"
    """A digit of a code; which one stands in the place of a question's number."""
    RECEIPT = "receipt"
    """The code of this call, by which its caller can name it later; digits follow it."""
    PRIVACY_CODE = "privacy_code"
    PRIVACY_CODE_TAKEN = "privacy_code_taken"
    """A code was typed: the same words whether it is anybody's or not."""
    PRIVACY_MENU = "privacy_menu"
    """On the privacy line: what can be done there."""
    PRIVACY_CONFIRM = "privacy_confirm"
    PRIVACY_LOCKED = "privacy_locked"
    """Recordings of this number are locked, whether there are any or not."""
    PRIVACY_NEVER = "privacy_never"
    PRIVACY_REQUEST = "privacy_request"
    PRIVACY_NO_NUMBER = "privacy_no_number"
    PRIVACY_LATER = "privacy_later"
    """It cannot be done now; the same words whatever the reason."""
    STOPPED = "stopped"
    """Whispered: the recording has stopped; no more than that is certain."""
    JOINER_QUESTION = "joiner_question"
    """Whispered to somebody who joins a talk and is not known: whether they agree to be recorded."""
    JOINER_AGREED = "joiner_agreed"
    JOINER_REFUSED = "joiner_refused"
    """Whispered to them: nothing is recorded while they are there."""


@dataclass(frozen=True)
class Keys:
    """The keys that mean something; those of the talk are sequences."""

    agree: str = "1"
    refuse: str = "2"
    details: str = "5"
    repeat: str = "7"
    receipt: str = "8"
    language: str = "3"
    withdraw: str = "*9"
    agree_later: str = "*4"
    pause: str = "*7"
    """Of an agent: pause, and resume."""
    stop: str = "*00"
    """Of an agent: stop and destroy, for a caller who asks aloud; long, against mistakes."""


KEYS = Keys()


@dataclass(frozen=True)
class Party:
    """Somebody in the call besides the data subject; `why` names the rule that cleared them or not."""

    channel: str
    cleared: bool
    why: str = ""


@dataclass(frozen=True)
class Pressed:
    """A key the caller pressed."""

    digit: str
    at: datetime


@dataclass(frozen=True)
class Call:
    """One call as the machine sees it.

    `playing` numbers prompts and waits, so that the end of one that was stopped is not taken for
    the end of the next; `answers` has one entry for each question answered so far;
    `purposes` are those that the recording may exist for now; `rounds` counts repeats and details;
    `receipt` says that the caller is to hear the code of the call before it is passed on;
    `early` is a key that counts once the statement has been heard, or, while confirming, a change of
    mind that counts once the call is passed on; `saying` is being whispered before anybody is there, and
    `untold`, which was not heard so, waits for somebody to be talking.
    `pausing` numbers pauses; `worn`: somebody was heard by the capture that runs, and `overdue`: others than
    those who are there; `renewing`: what starts is another stretch; `agreeing`: a choice that was made in the
    talk is being committed; `beeping` numbers the tones of a recording; `telling` are parties to whom the
    statement was begun, and `told` those who heard it; `asked` are commands that wait for the withdrawal to
    be written.
    `agreed` and `declined` are parties who were asked and have answered; `starred` is who pressed `*` last.
    `earlier` are purposes of recordings that the same caller's earlier lines have left, which end with a
    withdrawal too; `bound`: one of those the law keeps.
    `unwatched`: nobody tells us of the call just now; `doubtful`: capture was open in the meantime;
    `unseen`: nobody knows whether somebody talked before this life of the process.
    """

    phase: Phase
    playing: int = 0
    statement_heard: bool = False
    early: Said | None = None
    answers: tuple[Said, ...] = ()
    acknowledging: bool = False
    receipt: bool = False
    outcome: Outcome | None = None
    purposes: frozenset[str] = frozenset()
    capture: Capture = Capture.NONE
    parties: tuple[Party, ...] = ()
    talked: bool = False
    unseen: bool = False
    held: bool = False
    paused: bool = False
    pausing: int = 0
    worn: bool = False
    overdue: bool = False
    renewing: bool = False
    agreeing: bool = False
    beeping: int = 0
    telling: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    asked: tuple[int, ...] = ()
    unwatched: bool = False
    doubtful: bool = False
    withdrawn: bool = False
    untold: Part | None = None
    saying: Part | None = None
    rounds: int = 0
    keys: tuple[Pressed, ...] = ()
    ending: Ending | None = None
    agreed: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    starred: str = ""
    earlier: frozenset[str] = frozenset()
    bound: bool = False

    @property
    def awaits_capture(self) -> bool:
        """Whether somebody has chosen to be recorded, and waits until it is written down and begun."""
        if not self.purposes or self.renewing:
            return False
        readying = self.capture in (Capture.PREPARING, Capture.STARTING)
        return readying or self.agreeing or (self.phase is Phase.CONFIRMING and self.capture is Capture.NONE)
