"""What the call machine wants done: imperatives, values, one class an effect; imported as `do`."""

from __future__ import annotations

from dataclasses import dataclass

from asterisk_gdpr.core.call.state import (
    Ending,
    MuteReason,
    Outcome,
    Part,
    Pressed,
    Result,
    Said,
    Signal,
    Word,
)


@dataclass(frozen=True)
class Answer:
    """Answer the channel: in early media nobody can prove that the notice was heard."""


@dataclass(frozen=True)
class TakeUp:
    """Have the notice played to the channel as it is, unanswered: there only a key proves it was heard."""


@dataclass(frozen=True)
class Play:
    """Play a part of the notice; its end comes back as `PromptEnded(playing)`."""

    playing: int
    part: Part
    question: int = 0


@dataclass(frozen=True)
class NextLanguage:
    """From now on speak the line's next language."""


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

    reason: MuteReason = MuteReason.PARTIES


@dataclass(frozen=True)
class Silence:
    """Nobody can vouch for who was in the call since it was last certain: that is sealed as silence."""


@dataclass(frozen=True)
class StopCapture:
    """End MixMonitor's run."""


@dataclass(frozen=True)
class PassOn:
    """Set `GDPR_CHOICE` and `GDPR_RECORDING` and let the call continue."""

    outcome: Outcome
    recording: bool


@dataclass(frozen=True)
class RenewCapture:
    """Stop MixMonitor, and make the legs of another stretch a moment later; `StretchReady` says when."""


@dataclass(frozen=True)
class EndPauseAfter:
    """Come back with `PauseEnded(pausing)` after so many seconds."""

    pausing: int
    seconds: float


@dataclass(frozen=True)
class Beep:
    """A tone to everybody in the call, who are being recorded."""


@dataclass(frozen=True)
class BeepAfter:
    """Come back with `BeepDue(beeping)` after so many seconds."""

    beeping: int
    seconds: float


@dataclass(frozen=True)
class TellParty:
    """Play the statement to a party alone; its end comes back as `PartyTold`."""

    channel: str


@dataclass(frozen=True)
class WhisperToParty:
    """Tell a party alone, in the talk."""

    channel: str
    part: Part


@dataclass(frozen=True)
class GiveSignal:
    """A tone to the agents, and to nobody else."""

    signal: Signal


@dataclass(frozen=True)
class Report:
    """What came of the command of this number; nobody waits for number 0."""

    number: int
    result: Result


@dataclass(frozen=True)
class CommitWithdrawal:
    """End these purposes; where none remains, set the tombstone."""

    purposes: frozenset[str]
    remaining: frozenset[str]
    word: Word = Word.KEY


@dataclass(frozen=True)
class KeepHearing:
    """Nothing is captured any more, and the caller may agree anew: have their keys told all the same."""


@dataclass(frozen=True)
class AgreeAnew:
    """After a withdrawal the caller agrees, by these keys: the call goes on as another one (`MovedOn`)."""

    keys: tuple[Pressed, ...]


@dataclass(frozen=True)
class Whisper:
    """Tell the caller alone, in the talk."""

    part: Part


@dataclass(frozen=True)
class CloseRecording:
    """The call is over: seal what was captured and sign the manifest.

    `in_doubt` when nobody can vouch for who was in it at its end: that is sealed as silence.
    """

    in_doubt: bool = False


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
    | TakeUp
    | Play
    | NextLanguage
    | StopPlaying
    | WaitForKey
    | CommitChoice
    | PrepareRecording
    | StartCapture
    | OpenCapture
    | MuteCapture
    | Silence
    | StopCapture
    | PassOn
    | RenewCapture
    | EndPauseAfter
    | Beep
    | BeepAfter
    | TellParty
    | WhisperToParty
    | GiveSignal
    | Report
    | CommitWithdrawal
    | KeepHearing
    | AgreeAnew
    | Whisper
    | CloseRecording
    | Abandon
    | EndCall
    | RaiseAlarm
)
