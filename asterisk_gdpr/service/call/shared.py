"""What the calls of a node share, and what is settled of a call when it is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.ports import Clock, Exchange, Register
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.call.entries import FIRST, Earlier
from asterisk_gdpr.service.call.pace import Pace
from asterisk_gdpr.service.call.sampling import Draw, Sampling
from asterisk_gdpr.service.call.scribe import Scribe
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.erasing.sweeps import Sweeps
from asterisk_gdpr.service.rights.privacy_desk import PrivacyDesk
from asterisk_gdpr.service.rights.receipts import Receipts
from asterisk_gdpr.service.rights.references import References
from asterisk_gdpr.service.sealing.sealing import Sealing

SealFile = Callable[[str, str], tuple[bytes, str]]
"""(id of its row, a file of somebody else's recorder) → sealed, and the epoch that it is sealed to."""


class Playable(Protocol):
    """A prompt that can be played: `path` without its extension, its length, its words, its audio's hash."""

    @property
    def path(self) -> str: ...  # noqa: D102  # the class says it
    @property
    def seconds(self) -> float: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def audio_sha256(self) -> str: ...  # noqa: D102


PromptOf = Callable[[str, str, str], Playable]


@dataclass(frozen=True)
class Shared:
    """What every call of a node shares."""

    exchange: Exchange
    register: Register
    sealing: Sealing
    clock: Clock
    prompt: PromptOf
    """(line, language, part id) → prompt; Refused when it is missing."""
    signal: str
    """The tone that agents hear when a recording is paused, goes on, or is stopped."""
    erasure: Erasure
    sampling: Sampling
    alarms: Alarms
    scribe: Scribe
    privacy: PrivacyDesk | None = None
    changed: Callable[[Mapping[str, str]], None] | None = None
    """Is told of each call as it is from now on (`Actor.now`), whenever that has changed."""
    receipts: Receipts | None = None
    seal_file: SealFile | None = None
    references: References | None = None
    pace: Pace = field(default_factory=Pace)
    """At which pace calls are asked."""
    sweeps: Sweeps = field(init=False)
    """By which calls have erased what is to be erased at once."""

    def __post_init__(self) -> None:
        """One sweep at a time, whoever asks."""
        object.__setattr__(self, "sweeps", Sweeps(self.erasure.carry_out))


@dataclass(frozen=True)
class Taken:
    """A call as it was taken: which policy holds for it, in which language it is spoken to."""

    id: str
    channel: str
    policy: Policy
    rules: LineRules
    language: str
    draw: Draw | None = None
    """How it was drawn; None where every call of its line is offered."""
    prompt: PromptOf | None = None
    """The prompts as they were when it arrived; None for one that was taken up after a restart."""
    earlier: Earlier = FIRST
    """What went before, where the caller has come by another line in the same call."""
    heard: tuple[Mapping[str, Any], ...] = ()
    """What of the notice was played in it before a restart."""
