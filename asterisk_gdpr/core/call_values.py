"""What the call machine is told, what it asks for, and the call itself: all values.

Events are past tense and say what happened; effects are imperative and say what is to be done.
"""

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
    STOPPED = "stopped"
    """It ran and runs no more."""


class Ending(StrEnum):
    """How a call ended; every end has a name."""

    IN_STATEMENT = "hung_up_in_statement"
    IN_QUESTION = "hung_up_in_question"
    IN_WAITING = "hung_up_in_waiting"
    IN_DETAILS = "hung_up_in_details"
    IN_CONFIRMING = "hung_up_in_confirming"
    UNANSWERED = "ended_unanswered"
    TALKED = "ended_after_talk"


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
    STOPPED = "stopped"
    """Whispered: the recording has stopped; no more than that is certain."""


@dataclass(frozen=True)
class Keys:
    """The keys that mean something; those of the talk are sequences."""

    agree: str = "1"
    refuse: str = "2"
    details: str = "5"
    repeat: str = "7"
    withdraw: str = "*9"


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
    `early` is a key that counts once the statement has been heard, or, while confirming, a change of
    mind that counts once the call is passed on; `untold` waits for somebody to be talking.
    """

    phase: Phase
    playing: int = 0
    statement_heard: bool = False
    early: Said | None = None
    answers: tuple[Said, ...] = ()
    acknowledging: bool = False
    outcome: Outcome | None = None
    purposes: frozenset[str] = frozenset()
    capture: Capture = Capture.NONE
    parties: tuple[Party, ...] = ()
    talked: bool = False
    held: bool = False
    withdrawn: bool = False
    untold: Part | None = None
    rounds: int = 0
    keys: tuple[Pressed, ...] = ()
    ending: Ending | None = None


# --- events -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PromptEnded:
    """A prompt came to its end; `heard` is False when it failed or was cut."""

    playing: int
    heard: bool


@dataclass(frozen=True)
class KeyPressed:
    """The caller pressed a key."""

    digit: str
    at: datetime


@dataclass(frozen=True)
class WaitEnded:
    """The seconds given for a key are over."""

    playing: int


@dataclass(frozen=True)
class ChoiceCommitted:
    """The choice and its evidence are on disk."""


@dataclass(frozen=True)
class ChoiceNotCommitted:
    """The register could not take the choice."""


@dataclass(frozen=True)
class RecordingPrepared:
    """The wrapped key is on disk and the legs are there."""


@dataclass(frozen=True)
class RecordingNotPrepared:
    """No key, no register, no room in the spool."""


@dataclass(frozen=True)
class CaptureStarted:
    """MixMonitor runs, muted."""


@dataclass(frozen=True)
class CaptureFailed:
    """MixMonitor did not start, or could not be muted, opened or found."""


@dataclass(frozen=True)
class LeftNotice:
    """The channel is in the dialplan again: passed on by us, or taken back by the watchdog."""


@dataclass(frozen=True)
class PartiesChanged:
    """Who is in the call with the data subject now; empty when nobody is."""

    parties: tuple[Party, ...]


@dataclass(frozen=True)
class HoldChanged:
    """Somebody in the call was put on hold, or nobody is any more."""

    held: bool


@dataclass(frozen=True)
class WithdrawalCommitted:
    """The withdrawal is on disk."""


@dataclass(frozen=True)
class WithdrawalNotCommitted:
    """The register could not take the withdrawal; it is tried again until it can."""


@dataclass(frozen=True)
class ErasureOrdered:
    """A tombstone was set on this call's recording from outside: a request, or a person's command."""


@dataclass(frozen=True)
class HungUp:
    """The caller's channel is gone."""


@dataclass(frozen=True)
class NodeLeaving:
    """The process that follows this call is about to end in good order."""


@dataclass(frozen=True)
class WentWrong:
    """Something failed that must not fail: a bug of ours, which is not the caller's to wait for."""


Event = (
    PromptEnded
    | KeyPressed
    | WaitEnded
    | ChoiceCommitted
    | ChoiceNotCommitted
    | RecordingPrepared
    | RecordingNotPrepared
    | CaptureStarted
    | CaptureFailed
    | LeftNotice
    | PartiesChanged
    | HoldChanged
    | WithdrawalCommitted
    | WithdrawalNotCommitted
    | ErasureOrdered
    | HungUp
    | NodeLeaving
    | WentWrong
)


# --- effects ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """Answer the channel: in early media nobody can prove that the notice was heard."""


@dataclass(frozen=True)
class Play:
    """Play a part of the notice; its end comes back as `PromptEnded(playing)`."""

    playing: int
    part: Part
    question: int = 0


@dataclass(frozen=True)
class StopPlaying:
    """Stop the prompt that plays."""


@dataclass(frozen=True)
class WaitForKey:
    """Come back with `WaitEnded(playing)` after so many seconds."""

    playing: int
    seconds: float


@dataclass(frozen=True)
class CommitChoice:
    """Write the choice and its evidence to the register."""

    outcome: Outcome
    answers: tuple[Said, ...]
    purposes: frozenset[str]
    keys: tuple[Pressed, ...]


@dataclass(frozen=True)
class PrepareRecording:
    """Make a data key, wrap it, commit it for these purposes; make the legs."""

    purposes: frozenset[str]


@dataclass(frozen=True)
class StartCapture:
    """Start MixMonitor and mute it at once."""


@dataclass(frozen=True)
class OpenCapture:
    """Unmute: everybody in the call is cleared."""


@dataclass(frozen=True)
class MuteCapture:
    """Mute: somebody is not cleared, on hold, or nobody is there."""


@dataclass(frozen=True)
class StopCapture:
    """End MixMonitor's run."""


@dataclass(frozen=True)
class PassOn:
    """Set `GDPR_CHOICE` and `GDPR_RECORDING` and let the call continue."""

    outcome: Outcome
    recording: bool


@dataclass(frozen=True)
class CommitWithdrawal:
    """End these purposes; where none remains, set the tombstone."""

    purposes: frozenset[str]
    remaining: frozenset[str]


@dataclass(frozen=True)
class Whisper:
    """Tell the caller alone, in the talk."""

    part: Part


@dataclass(frozen=True)
class CloseRecording:
    """The call is over: seal what was captured and sign the manifest."""


@dataclass(frozen=True)
class Abandon:
    """A recording was prepared that must not exist: erase it."""


@dataclass(frozen=True)
class EndCall:
    """Write how the call ended."""

    ending: Ending


@dataclass(frozen=True)
class RaiseAlarm:
    """A person must look at it; `id` is stable."""

    id: str


Effect = (
    Answer
    | Play
    | StopPlaying
    | WaitForKey
    | CommitChoice
    | PrepareRecording
    | StartCapture
    | OpenCapture
    | MuteCapture
    | StopCapture
    | PassOn
    | CommitWithdrawal
    | Whisper
    | CloseRecording
    | Abandon
    | EndCall
    | RaiseAlarm
)
