"""The policy as a file: what may stand in it, and how it becomes `core.policy.Policy`.

The field's text below is its documentation: `docs/policy.md` is compared with it by a test.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from asterisk_gdpr.config.kinds import (
    Address,
    Count,
    Country,
    Day,
    Endpoints,
    Flag,
    Language,
    Number,
    PeriodAfterErasure,
    PeriodText,
    Phrase,
    Seconds,
    Text,
    Word,
)
from asterisk_gdpr.core.evaluation import Form, Item
from asterisk_gdpr.core.pack import Pack
from asterisk_gdpr.core.policy import (
    AgentRules,
    Approval,
    Ask,
    Asking,
    Audio,
    Basis,
    Controller,
    Direction,
    Internal,
    Keep,
    Line,
    Mode,
    Others,
    Permission,
    Policy,
    Purpose,
    Receipt,
    Recipient,
    Withheld,
)
from asterisk_gdpr.core.unusual import Limits


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ControllerPart(_Part):
    """Who decides on purposes and means."""

    name: Text
    """The name that callers hear first; keep it as short as people know it."""
    contact: Text
    """How to reach the controller (address, e-mail or number), as it is spoken in the details."""
    privacy_url: Address
    """Web address of the full information (Art. 13); spoken without its `https://`."""
    officer: Text | None = None
    """How to reach the data protection officer; leave it out where there is none."""
    authority: Text | None = None
    """The supervisory authority that callers can complain to."""
    representative: Text | None = None
    """The representative in the Union of a controller outside of it (Art. 27), for the documents."""


class ApprovalPart(_Part):
    """Who of the controller approved this policy; without it no line runs (Art. 5(2), 24)."""

    by: Text
    """Name or office of the person who approved it."""
    date: Day
    """The day of the approval, as 2026-11-23."""
    advice: Text | None = None
    """What the data protection officer advised, or where that is written down."""
    texts: dict[Language, Text] = {}
    """What callers hear, as it was read, by language and as `policy check` tells it; else any words are."""


class PurposePart(_Part):
    """Why a recording may exist."""

    basis: Basis
    """The legal basis (Art. 6(1))."""
    choice: Asking
    """What the caller must do: agree (`opt_in`), not refuse (`opt_out`), or nothing (`none`)."""
    keep: PeriodText
    """How long a recording is kept for this purpose, from the end of the call."""
    listeners: Annotated[tuple[Word, ...], Field(min_length=1)]
    """The roles of people who may listen under this purpose."""
    second_person: Flag = False
    """`true`: before a person listens, somebody else who may, or the officer, must approve."""
    audio: Audio = Audio.LOSSLESS
    """`opus`: sound need not be kept to the last bit; a recording all of whose purposes say so is smaller."""
    title: Annotated[dict[Language, Phrase], Field(min_length=1)]
    """Completes "we record this call to ..." (de: "... auf, für ..."), by language."""
    assessment: Text | None = None
    """The id of the balancing test; legitimate interests need one."""
    obligation: Word | None = None
    """The code of a duty to record from the pack's list, for basis `legal_obligation`."""
    decision: Text | None = None
    """The id of the controller's reasoned decision, where the basis or the pack asks for one."""
    interest: dict[Language, Text] = {}
    """The legitimate interest in a sentence, by language, for the documents; the title, when left out."""


class RecipientPart(_Part):
    """Who else receives recordings (Art. 13(1)(e) and (f))."""

    title: Annotated[dict[Language, Text], Field(min_length=1)]
    """Who that is, by language: a name, or a kind of recipient."""
    processor: Flag = True
    """Whether they work on the controller's instructions (Art. 28)."""
    country: Country | None = None
    """The country that recordings go to, where that is outside the European Economic Area."""
    safeguards: Text | None = None
    """What protects them there: an adequacy decision, or which clauses and where to get them."""


class LinePart(_Part):
    """An entry point with its own policy, named by the dialplan."""

    purposes: tuple[Word, ...] = ()
    """The purposes that calls on this line are recorded for; their order is that of the notice."""
    ask: Ask = Ask.TOGETHER
    """Whether purposes that need agreement are asked for in one question or in one question `each`."""
    permission: Permission | None = None
    """Who must have permitted the recording, agents included; what the pack says, when left out."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    """The languages of the notice; a caller for whom none of them is known to be right hears the first."""
    mode: Mode = Mode.LIVE
    """`live`; `shadow` only writes down what would happen; `disabled` does nothing."""
    share: Annotated[Count, Field(ge=0, le=100)] = 100
    """The per cent of calls that are offered to be recorded."""
    withdraw_grace: Annotated[Seconds, Field(le=30 * 86400)] = Field(default="0 s", validate_default=True)
    """How long after a withdrawal the keys are destroyed; until then the recording is locked."""
    silence: Annotated[Seconds, Field(ge=1, le=30)] = Field(default="3 s", validate_default=True)
    """How long a caller has to press a key once a question has ended."""
    pause_limit: Annotated[Seconds, Field(le=3600)] = Field(default="2 min", validate_default=True)
    """How long a pause lasts at most (card data); then recording goes on, with a tone; `0 s`: no pause."""
    beep: Annotated[Seconds, Field(le=600)] = Field(default="0 s", validate_default=True)
    """How often both sides hear a tone while they are recorded (`15 s`); `0 s`: never."""
    tell_joiners: Flag = False
    """`true`: who joins and is not known hears the statement; under `all_informed` they are cleared."""
    ask_joiners: Flag = False
    """`true`: who joins and is not known hears the statement and is asked; cleared only if they agree."""
    other_recorders: Others = Others.TELL
    """Who else records or listens in is told of (`tell`); also stopped by `stop`, or by `stop_refused` where
    the caller has refused."""
    early_media: Flag = False
    """`true`: the notice comes before the call is answered, so nobody pays for it; only an answer by key
    counts, so every purpose needs agreement."""
    exempt: Flag = False
    """`true`: calls on this line are never asked and never recorded, and reach no software of ours."""
    direction: Direction = Direction.INBOUND
    """Who hears the notice and chooses: who calls (`inbound`), or who is called (`outbound`)."""
    withheld: Withheld = Withheld.ASK
    """Calls that show no number: `ask` them like others, or `never` record them."""
    receipt: Receipt = Receipt.NONE
    """Whether callers hear the code of their call after the choice: `none`, by `key`, or `always`."""
    privacy: Flag = False
    """`true`: this line speaks the privacy line too, by which people lock, forbid and request by phone."""
    dialled: dict[Number, Language] = {}
    """The language of callers who dialled this number to reach the line; numbers in quotes."""


class AgentsPart(_Part):
    """How the people who take calls are recognised."""

    identify_by: Annotated[tuple[Literal["endpoint"], ...], Field(min_length=1)] = ("endpoint",)
    """What tells who an agent is: the `endpoint` (`PJSIP/anna`), which must then be one person's own."""
    agreement: Text | None = None
    """The staff agreement's id; only with it is kept, and may be searched, which agents took part."""


class InternalPart(_Part):
    """Calls within the house."""

    endpoints: tuple[Endpoints, ...] = ()
    """Endpoints of the house besides those of the register of agents; `*` is anything: `PJSIP/2*`."""
    line: Word | None = None
    """The line by which calls from those endpoints are treated; without one they are not recorded."""


class KeepPart(_Part):
    """How long personal data other than audio is kept."""

    call_data: PeriodText = Field(default="1 year", validate_default=True)
    """Who called when on which line, from the end of the call; never shorter than the recording lives."""
    choices: PeriodAfterErasure = Field(default="3 years", validate_default=True)
    """The evidence of a choice: `until the recording is erased + 3 years`, or `3 years` for short."""
    listening_log: PeriodText = Field(default="1 year", validate_default=True)
    """Who listened to what, from the listening."""
    requests: PeriodText = Field(default="3 years", validate_default=True)
    """Requests of data subjects, from their answer."""
    recipients: PeriodText = Field(default="3 years", validate_default=True)
    """Who took a recording out, and for whom, from its erasure."""
    holds: PeriodText = Field(default="3 years", validate_default=True)
    """Why erasure was suspended, and by whom, from the end of the hold."""
    agents: PeriodText = Field(default="3 years", validate_default=True)
    """Who took calls and what they consented to, from their removal."""
    users: PeriodText = Field(default="1 year", validate_default=True)
    """Who used the page, from the day on which they were disabled."""
    alarms: PeriodText = Field(default="90 days", validate_default=True)
    """What an alarm told, from its end."""
    receipts: PeriodText = Field(default="1 year", validate_default=True)
    """The code by which a caller can name a call, from its end; it goes with the recording at the latest."""
    references: PeriodText = Field(default="1 year", validate_default=True)
    """What another system calls a call (`GDPR_REFERENCE`), from its end; likewise."""
    never_list: PeriodText = Field(default="10 years", validate_default=True)
    """A number on the never list, from when it was last put on it; taken off, it goes at once."""
    evaluations: PeriodText = Field(default="1 year", validate_default=True)
    """What reviewers gave, from the day on which they did, whatever becomes of the recording."""


class UnusualListeningPart(_Part):
    """What of people's listening at the page the officer is shown."""

    agreement: Text
    """The staff agreement's id: those who listen are watched by it."""
    recordings_a_day: Annotated[Count, Field(ge=1)] = 50
    """How many recordings one person may hear in a day; more is shown."""
    from_hour: Annotated[Count, Field(ge=0, le=23)] = 7
    """The hour of the day from which listening is usual, by the installation's time zone."""
    to_hour: Annotated[Count, Field(ge=1, le=24)] = 20
    """The hour until which it is."""
    of_one_person: Annotated[Count, Field(ge=1)] = 10
    """How many recordings of the same caller, or with the same agent, one person may hear in a week."""


class ItemPart(_Part):
    """One thing that is judged."""

    title: Annotated[dict[Language, Text], Field(min_length=1)]
    """What it is, by language."""
    weight: Annotated[Count, Field(ge=1, le=100)] = 1
    """How much it counts beside the others."""


class FormPart(_Part):
    """A form by which reviewers evaluate calls."""

    title: Annotated[dict[Language, Text], Field(min_length=1)]
    """What the form is called, by language."""
    purpose: Word
    """The purpose under which a reviewer listens for it."""
    most: Annotated[Count, Field(ge=1, le=10)] = 5
    """The most points that an item can be given; the least is 0."""
    items: Annotated[dict[Word, ItemPart], Field(min_length=1, max_length=30)]
    """What is judged, by name."""


class PolicyFile(_Part):
    """The controller's policy."""

    controller: ControllerPart
    """Who decides on purposes and means (Art. 4(7)), as callers are told."""
    pack: Word
    """The country's rules that this policy must keep: `eu`, `de`, `fr`, `uk`."""
    overlays: tuple[Word, ...] = ()
    """Rules of a sector upon those of the country: `mifid` (investment firms), `pci` (card payments)."""
    decisions: dict[Word, Text] = {}
    """The controller's reasoned decision on a rule of the pack, by the rule: why it stands though broken."""
    approved: ApprovalPart | None = None
    """Who of the controller approved this policy, and when; without it no line runs."""
    purposes: dict[Word, PurposePart] = {}
    """Why recordings may exist, by name."""
    recipients: dict[Word, RecipientPart] = {}
    """Who else receives recordings: hosters, group companies; the documents name them."""
    lines: Annotated[dict[Word, LinePart], Field(min_length=1)]
    """The entry points that the dialplan names, each with its own rules."""
    agents: AgentsPart = Field(default_factory=AgentsPart)
    """How agents are recognised; who cannot be identified is not cleared."""
    internal: InternalPart = Field(default_factory=InternalPart)
    """Calls of colleagues to each other, which no line of the dialplan was made for."""
    exempt_numbers: tuple[Number, ...] = ()
    """Numbers, calling or called, that pass at once and unrecorded: emergencies, helplines. In quotes."""
    keep: KeepPart = Field(default_factory=KeepPart)
    """Periods of personal data other than audio."""
    unusual_listening: UnusualListeningPart | None = None
    """What of people's listening the officer is shown; nothing, if left out."""
    evaluations: dict[Word, FormPart] = {}
    """Forms by which reviewers evaluate calls, by name."""


def _form(name: str, part: FormPart) -> Form:
    items = {each: Item(item.title, item.weight) for each, item in part.items.items()}
    return Form(name, part.title, part.purpose, items, part.most)


def to_policy(file: PolicyFile, pack: Pack, version: str) -> Policy:
    """The file as the value that the core works with; the pack fills in what a line leaves open."""
    return Policy(
        controller=Controller(
            name=file.controller.name,
            contact=file.controller.contact,
            privacy_url=file.controller.privacy_url,
            officer=file.controller.officer or "",
            authority=file.controller.authority or "",
            representative=file.controller.representative or "",
        ),
        pack=file.pack,
        overlays=file.overlays,
        decisions=file.decisions,
        recipients={name: _recipient(name, part) for name, part in file.recipients.items()},
        approval=_approval(file.approved),
        purposes={name: _purpose(name, part, pack) for name, part in file.purposes.items()},
        lines={name: _line(name, part, pack.permission) for name, part in file.lines.items()},
        agents=AgentRules(file.agents.identify_by, file.agents.agreement or ""),
        internal=Internal(file.internal.endpoints, file.internal.line or ""),
        exempt_numbers=file.exempt_numbers,
        keep=Keep(**dict(file.keep)),
        evaluations={name: _form(name, part) for name, part in file.evaluations.items()},
        unusual_listening=Limits(**dict(file.unusual_listening)) if file.unusual_listening else None,
        version=version,
    )


def _approval(part: ApprovalPart | None) -> Approval | None:
    return Approval(part.by, part.date, part.advice or "", part.texts) if part else None


def _purpose(name: str, part: PurposePart, pack: Pack) -> Purpose:
    duty = pack.obligations.get(part.obligation or "")
    return Purpose(
        name=name,
        basis=part.basis,
        choice=part.choice,
        keep=part.keep,
        listeners=frozenset(part.listeners),
        title=part.title,
        assessment=part.assessment or "",
        obligation=part.obligation or "",
        decision=part.decision or "",
        second_person=part.second_person,
        audio=part.audio,
        interest=part.interest,
        copy_on_request=duty is not None and duty.copy_on_request,
    )


def _recipient(name: str, part: RecipientPart) -> Recipient:
    return Recipient(name, part.title, part.processor, part.country or "", part.safeguards or "")


def _line(name: str, part: LinePart, permission: Permission) -> Line:
    return Line(
        name=name,
        purposes=part.purposes,
        ask=part.ask,
        permission=part.permission or permission,
        languages=part.languages,
        mode=part.mode,
        share=part.share,
        withdraw_grace=part.withdraw_grace,
        silence=float(part.silence),
        exempt=part.exempt,
        direction=part.direction,
        pause_limit=part.pause_limit,
        withheld=part.withheld,
        receipt=part.receipt,
        privacy=part.privacy,
        dialled=part.dialled,
        beep=part.beep,
        tell_joiners=part.tell_joiners,
        ask_joiners=part.ask_joiners,
        other_recorders=part.other_recorders,
        early_media=part.early_media,
    )
