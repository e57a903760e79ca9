"""The controller's policy as values: why a recording may exist, and who must have permitted it.

A policy answers two questions of every call, and both must be answered with yes (design, section 7):
*why may it exist?* (its purposes) and *who must have permitted it?* (its line's permission rule).
What a line asks of the call machine is `asterisk_gdpr.core.line_rules`.
These are the values alone; how a file becomes one of them is `asterisk_gdpr.config`,
and which combinations the law does not carry is `asterisk_gdpr.core.lawfulness`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from asterisk_gdpr.core.evaluation import Form
from asterisk_gdpr.core.unusual import Limits


class Basis(StrEnum):
    """The legal basis of a purpose (Art. 6(1) GDPR)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class Asking(StrEnum):
    """What the caller must do for a purpose: agree (opt in), not refuse (opt out), or nothing."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    NONE = "none"


class Permission(StrEnum):
    """Who must have permitted a recording on a line: design, section 7."""

    ALL_CONSENT = "all_consent"
    ALL_INFORMED = "all_informed"
    STATUTE = "statute"


class Mode(StrEnum):
    """How far a line is rolled out: `shadow` writes down what would happen and does nothing."""

    LIVE = "live"
    SHADOW = "shadow"
    DISABLED = "disabled"


class Direction(StrEnum):
    """Who the data subject of a line's calls is: who calls, or who is called."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Withheld(StrEnum):
    """What happens to calls that show no number: asked like others, or never recorded."""

    ASK = "ask"
    NEVER = "never"


class Receipt(StrEnum):
    """Who hears the code of their call after the choice: nobody, who asks by key, or everybody."""

    NONE = "none"
    KEY = "key"
    ALWAYS = "always"


class Ask(StrEnum):
    """Whether consent purposes are asked for in one question or in one question each."""

    TOGETHER = "together"
    EACH = "each"


class Unit(StrEnum):
    """The unit of a period; months and years are calendar months and years."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


_MEAN_DAYS = {Unit.DAYS: 1.0, Unit.WEEKS: 7.0, Unit.MONTHS: 365.2425 / 12, Unit.YEARS: 365.2425}


@dataclass(frozen=True)
class Period:
    """How long something is kept: `count` of `unit`; `count` is at least 1."""

    count: int
    unit: Unit

    @property
    def mean_days(self) -> float:
        """Its length in days, months and years at their mean: to compare with, never to compute dates."""
        return self.count * _MEAN_DAYS[self.unit]

    def exceeds(self, other: Period) -> bool:
        """Whether it is longer; calendar units among themselves are compared exactly."""
        ours, theirs = self._months, other._months
        if ours is not None and theirs is not None:
            return ours > theirs
        return self.mean_days > other.mean_days

    @property
    def _months(self) -> int | None:
        return {Unit.MONTHS: self.count, Unit.YEARS: 12 * self.count}.get(self.unit)

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count != 1 else self.unit.removesuffix('s')}"


Texts = Mapping[str, str]
"""A short text by language (two-letter code)."""


@dataclass(frozen=True)
class Controller:
    """Who decides on purposes and means (Art. 4(7)), as callers and data subjects are told."""

    name: str
    contact: str
    privacy_url: str
    officer: str = ""
    authority: str = ""
    representative: str = ""


@dataclass(frozen=True)
class Approval:
    """Who of the controller approved this policy, and when; without it no line runs."""

    by: str
    on: date
    advice: str = ""
    texts: Texts = field(default_factory=dict)
    """What the words of a language came to when somebody read them; empty: whatever they are."""


class Audio(StrEnum):
    """How exactly a purpose needs what was said."""

    LOSSLESS = "lossless"
    """To the last bit."""
    OPUS = "opus"
    """As well as a good telephone: what people cannot hear is left out, and the recording is smaller."""


@dataclass(frozen=True)
class Purpose:
    """Why a recording may exist: its basis, what is asked of the caller, its period, its listeners.

    `title` completes the sentence "we record this call to ...", by language.
    `assessment` is the id of the balancing test (legitimate interests), `obligation` the code of the
    allow-listed duty (legal obligation), `decision` the id of a reasoned decision of the controller.
    `copy_on_request`: the duty wants callers to be told that they can get a copy; `interest` says which
    legitimate interest it serves, by language.
    """

    name: str
    basis: Basis
    choice: Asking
    keep: Period
    listeners: frozenset[str]
    title: Texts
    assessment: str = ""
    obligation: str = ""
    decision: str = ""
    second_person: bool = False
    """Whether somebody else must approve before a person listens under this purpose."""
    audio: Audio = Audio.LOSSLESS
    """A recording is lossless if any of its purposes needs it."""
    copy_on_request: bool = False
    interest: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Recipient:
    """Who else receives recordings; `country` is where they go outside the reach of the controller's law.

    `title` says who that is, by language; `safeguards` what protects the data there (Art. 44 GDPR).
    """

    name: str
    title: Texts
    processor: bool = True
    country: str = ""
    safeguards: str = ""


class Others(StrEnum):
    """What is done about somebody else who records a call, or listens in; a person is told in any case."""

    TELL = "tell"
    """A person is told."""
    STOP_REFUSED = "stop_refused"
    """They are stopped where the caller has refused or withdrawn."""
    STOP = "stop"
    """They are stopped."""


@dataclass(frozen=True)
class Line:
    """An entry point with its own policy, named by the dialplan.

    `silence` is how many seconds the caller has to press a key once the notice has ended,
    `withdraw_grace` how many seconds lie between a withdrawal and the destruction of the keys,
    `share` the per cent of calls that are offered to be recorded, `pause_limit` how many seconds a pause
    lasts at most before recording goes on by itself; 0 where nobody can pause. `beep` is how many seconds lie
    between two tones that both sides hear while they are recorded; 0 for none. `tell_joiners`: who joins and
    is not known hears the statement, and is informed then; `ask_joiners`: they are asked too, and cleared by
    their agreement alone. `early_media`: the notice is given before the call is answered, and only a key
    proves then that it was heard.
    """

    name: str
    purposes: tuple[str, ...] = ()
    ask: Ask = Ask.TOGETHER
    permission: Permission = Permission.ALL_CONSENT
    languages: tuple[str, ...] = ("en",)
    mode: Mode = Mode.LIVE
    share: int = 100
    withdraw_grace: int = 0
    silence: float = 3.0
    exempt: bool = False
    direction: Direction = Direction.INBOUND
    pause_limit: int = 120
    withheld: Withheld = Withheld.ASK
    privacy: bool = False
    receipt: Receipt = Receipt.NONE
    dialled: Mapping[str, str] = field(default_factory=dict)
    beep: int = 0
    tell_joiners: bool = False
    ask_joiners: bool = False
    other_recorders: Others = Others.TELL
    early_media: bool = False


@dataclass(frozen=True)
class AgentRules:
    """How agents are recognised, and the works-council agreement that stands behind it."""

    identify_by: tuple[str, ...] = ("endpoint",)
    agreement: str = ""


@dataclass(frozen=True)
class Internal:
    """Calls within the house: `endpoints` of it besides the agents' own (`*` for anything), and their line.

    Without a line they are neither told nor recorded.
    """

    endpoints: tuple[str, ...] = ()
    line: str = ""


@dataclass(frozen=True)
class Keep:
    """Periods of personal data other than audio, one for each kind, each from the event that is told here.

    The kinds that are erased by period are these fields, by name: what has no rule is not one of them.
    """

    call_data: Period = Period(1, Unit.YEARS)
    """From the end of the call, and at least until its recording is erased."""
    choices: Period = Period(3, Unit.YEARS)
    """From the erasure of the recording, or from the end of a call without one."""
    listening_log: Period = Period(1, Unit.YEARS)
    """From the act that a person did."""
    requests: Period = Period(3, Unit.YEARS)
    """From the answer."""
    recipients: Period = Period(3, Unit.YEARS)
    """From the erasure of what was handed out."""
    holds: Period = Period(3, Unit.YEARS)
    """From the end of the hold."""
    agents: Period = Period(3, Unit.YEARS)
    """From the day on which the agent was removed."""
    users: Period = Period(1, Unit.YEARS)
    """From the day on which the user was disabled."""
    alarms: Period = Period(90, Unit.DAYS)
    """From the end of the alarm."""
    receipts: Period = Period(1, Unit.YEARS)
    """From the end of the call; at the latest it goes with the recording and the number."""
    references: Period = Period(1, Unit.YEARS)
    """From the end of the call; at the latest it goes with the recording and the number."""
    never_list: Period = Period(10, Unit.YEARS)
    """From the day on which the number was last put on the list; taken off, it goes at once."""
    evaluations: Period = Period(1, Unit.YEARS)
    """From the day on which it was given, whatever becomes of the recording."""


@dataclass(frozen=True)
class Policy:
    """One approved version of the whole policy; `version` is the SHA-256 of its text, in hex.

    `overlays` lie upon the pack; `decisions` are the controller's, by the rule that each is about.
    """

    controller: Controller
    pack: str
    approval: Approval | None
    purposes: Mapping[str, Purpose]
    lines: Mapping[str, Line]
    agents: AgentRules = AgentRules()
    internal: Internal = Internal()
    exempt_numbers: tuple[str, ...] = ()
    keep: Keep = field(default_factory=Keep)
    version: str = ""
    overlays: tuple[str, ...] = ()
    decisions: Mapping[str, str] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    unusual_listening: Limits | None = None
    """What of people's listening the officer is shown; None: nothing."""
    evaluations: Mapping[str, Form] = field(default_factory=dict)
