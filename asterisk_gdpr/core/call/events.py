"""What the call machine is told: past tense, values, one class an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from asterisk_gdpr.core.call.state import Part, Party, Verb


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
class FaxHeard:
    """The caller is a fax machine, by its tone, and the dialplan has taken the call."""


@dataclass(frozen=True)
class PartiesChanged:
    """Who is in the call with the data subject now; empty when nobody is."""

    parties: tuple[Party, ...]


@dataclass(frozen=True)
class HoldChanged:
    """Somebody in the call was put on hold, or nobody is any more."""

    held: bool


@dataclass(frozen=True)
class SightLost:
    """From now on nobody tells us who joins, holds or presses a key; or it was told too late."""


@dataclass(frozen=True)
class SightRegained:
    """Everything is told again; `same` when it is certain that nothing had changed meanwhile."""

    same: bool


@dataclass(frozen=True)
class WithdrawalCommitted:
    """The withdrawal is on disk; `held`: a hold keeps what was recorded, so nothing is destroyed yet."""

    held: bool = False


@dataclass(frozen=True)
class WithdrawalNotCommitted:
    """The register could not take the withdrawal; it is tried again until it can."""


@dataclass(frozen=True)
class Commanded:
    """Somebody asks for something; who waits for what came of it goes by `number`, nobody by 0."""

    verb: Verb
    number: int = 0


@dataclass(frozen=True)
class PauseEnded:
    """The seconds that a pause may last are over."""

    pausing: int


@dataclass(frozen=True)
class BeepDue:
    """The seconds between two tones of a recording are over."""

    beeping: int


@dataclass(frozen=True)
class StretchReady:
    """The legs of another stretch are there, and MixMonitor has let go of the last ones."""


@dataclass(frozen=True)
class WhisperEnded:
    """A whisper came to its end; `heard` is False when it failed or was cut, or nothing carried it."""

    part: Part
    heard: bool


@dataclass(frozen=True)
class PartyTold:
    """A party has heard the statement to its end, or not (`heard`)."""

    channel: str
    heard: bool


@dataclass(frozen=True)
class PartyPressed:
    """A party who is not known as an agent has pressed a key."""

    channel: str
    digit: str


@dataclass(frozen=True)
class ErasureOrdered:
    """A tombstone was set on this call's recording from outside: a request, or a person's command."""


@dataclass(frozen=True)
class HungUp:
    """The caller's channel is gone."""


@dataclass(frozen=True)
class MovedOn:
    """The caller goes on as another call: at another line, or under a choice that is made anew."""


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
    | FaxHeard
    | PartiesChanged
    | HoldChanged
    | SightLost
    | SightRegained
    | WithdrawalCommitted
    | WithdrawalNotCommitted
    | Commanded
    | PauseEnded
    | BeepDue
    | StretchReady
    | WhisperEnded
    | PartyTold
    | PartyPressed
    | ErasureOrdered
    | HungUp
    | MovedOn
    | NodeLeaving
    | WentWrong
)
