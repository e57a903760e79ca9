"""The roles that the services need played, each as small as its users need, named for the role.

Adapters play them against the real thing; `tests/fakes` plays them in memory, and one contract suite
runs on both. Every method that can fail because the thing behind it is away raises `Unreachable`;
a thing that is not there raises `Refused`.
Methods of the register, the vault and the spool block and are called from worker threads;
the telephone exchange's are coroutines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from asterisk_gdpr.core.ledger import Entry
from asterisk_gdpr.core.recording import (
    DestroyedKey,
    Progress,
    Recording,
    State,
    Term,
    Tombstone,
    WrappedKey,
)


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The time in UTC, aware."""
        ...


# --- the exchange -----------------------------------------------------------------------------


class Exchange(Protocol):
    """What a call needs done by Asterisk, whichever of its interfaces does it.

    `channel` is always Asterisk's unique id, which is ARI's channel id too.
    Raises `Refused` with id `channel-gone` when the channel has hung up, and with id `channel-elsewhere`
    when it lives but is in the dialplan, where it cannot be played to or passed on.
    """

    async def answer(self, channel: str, watchdog: float) -> None:
        """Answer the channel, and rearm the watchdog; one that is up stays up."""
        ...

    async def follow(self, channel: str) -> None:
        """Keep hearing of a channel when it is in the dialplan; without this it is heard of only here."""
        ...

    async def rearm_watchdog(self, channel: str, seconds: float) -> None:
        """Let the dialplan take the call back after so many seconds without a word from us."""
        ...

    async def play(self, channel: str, playback: str, media: str) -> None:
        """Start a prompt; its end comes as an event that names `playback`."""
        ...

    async def stop_playing(self, playback: str) -> None:
        """Stop a prompt at once; one that has ended already is no error."""
        ...

    async def set_variables(self, channel: str, values: Mapping[str, str]) -> None:
        """Set channel variables, inherited by channels that this one gives rise to.

        Never while a prompt plays: it would wait for the prompt's end.
        """
        ...

    async def pass_on(self, channel: str) -> None:
        """Let the call continue in the dialplan."""
        ...

    async def start_muted(self, channel: str, left: str, right: str) -> str:
        """Start MixMonitor into the two leg files and mute it at once; returns its id.

        `left` receives what the channel sends, `right` what it is sent. After a failure nothing is left
        running: what cannot be stopped now is stopped as soon as it can be.
        """
        ...

    async def set_muted(self, channel: str, capture: str, muted: bool) -> None:
        """Mute or open a running capture, both directions."""
        ...

    async def stop_capture(self, channel: str, capture: str) -> None:
        """End a capture; one that has ended is no error, one that cannot be reached is ended when it can."""
        ...

    async def whisper(self, channel: str, media: str) -> None:
        """Play a prompt into the talk for this channel alone; returns when it has been started."""
        ...


@dataclass(frozen=True)
class Arrival:
    """A call that the dialplan has handed to us; `number` is as the network gave it.

    `language` is CHANNEL(language), `chosen_language` what the caller chose in an IVR (empty: nothing).
    """

    channel: str
    line: str
    number: str
    language: str
    chosen_language: str = ""


class Reports(Protocol):
    """What the exchange tells, in the order in which it happened; none of these may block."""

    def call_arrived(self, arrival: Arrival) -> None: ...
    def prompt_ended(self, playback: str, heard: bool) -> None: ...
    def key_pressed(self, channel: str, digit: str) -> None: ...
    def left_notice(self, channel: str) -> None: ...
    def hung_up(self, channel: str) -> None: ...
    def entered_bridge(self, channel: str, name: str, bridge: str) -> None: ...
    def left_bridge(self, channel: str) -> None: ...
    def hold_changed(self, channel: str, held: bool) -> None: ...
    def bridges_known(self, members: Sequence[tuple[str, str, str]]) -> None:
        """Every channel in a bridge: (unique id, name, bridge id); replaces what was known."""
        ...

    def channels_known(self, channels: Mapping[str, Arrival | None]) -> None:
        """Every living channel after a (re)connect; those in our hands come with their arrival."""
        ...


# --- prompts ----------------------------------------------------------------------------------


class Speech(Protocol):
    """A voice."""

    @property
    def name(self) -> str:
        """Engine and version, part of a prompt's identity."""
        ...

    def speak(self, text: str, language: str, rate: int) -> bytes:
        """The text as signed 16-bit little-endian mono samples at `rate` Hz."""
        ...


# --- the spool and the vault ------------------------------------------------------------------


@dataclass(frozen=True)
class Legs:
    """The two files in memory that MixMonitor writes for one stretch."""

    left: str
    right: str


class Spool(Protocol):
    """Plaintext audio in memory, and only there; offsets and lengths are bytes of one leg."""

    def prepare(self, recording: str, stretch: int) -> Legs:
        """Make the two leg files, empty, writable by Asterisk; the folder is not."""
        ...

    def length(self, legs: Legs) -> int | None:
        """How much both legs hold by now (the shorter of the two); None when one of them is gone."""
        ...

    def read(self, legs: Legs, offset: int, length: int) -> tuple[bytes, bytes]:
        """The same range of both legs, each shorter at its end."""
        ...

    def release(self, legs: Legs, upto: int) -> None:
        """Give back the memory before `upto`, page-aligned; what is released reads as zeroes."""
        ...

    def remove(self, recording: str) -> None:
        """Unlink every leg of a recording and its notes, whatever of them is left; nothing there is no error.

        Their memory is given back at once, even while Asterisk still has them open.
        """
        ...

    def keep_notes(self, recording: str, notes: bytes) -> None:
        """Replace what is noted beside the legs: it lives exactly as long as they do."""
        ...

    def notes(self, recording: str) -> bytes | None:
        """What was noted; None when nothing was."""
        ...

    def find(self, recording: str) -> Sequence[tuple[int, Legs]]:
        """The stretches of which at least one leg lies in the spool, in order."""
        ...

    def recordings(self) -> Sequence[str]:
        """The recordings of which anything lies here: a leg, or notes."""
        ...

    def room(self) -> float:
        """The share of the spool that is free, 0 to 1."""
        ...


class Vault(Protocol):
    """Where containers lie: written once from front to back, never overwritten."""

    def append(self, name: str, at: int, data: bytes) -> None:
        """Write at the end, which must be `at`, and fsync; anything past `at` (a torn write) is cut first.

        Raises `Damaged` (id `container-short`) when less than `at` is there.
        """
        ...

    def size(self, name: str) -> int | None:
        """Length in bytes; None when there is no such container."""
        ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A range; shorter at the end."""
        ...

    def delete(self, name: str) -> None:
        """Delete it, with its folder entry made durable; none there is no error."""
        ...

    def names(self) -> Iterator[str]:
        """Every container that is there."""
        ...


# --- the register -----------------------------------------------------------------------------


@dataclass(frozen=True)
class CallRow:
    """A call as the register keeps it.

    `caller_sealed` opens only with the vault's private key; `caller_index` is the blind index.
    `choice` is a `core.call.Outcome`; `state` is whatever the machine needs to go on after a restart.
    """

    id: str
    channel: str
    linkedid: str
    line: str
    language: str
    node: str
    policy: str
    arrived_at: datetime
    caller_sealed: bytes | None = None
    caller_index: bytes | None = None
    choice: str | None = None
    chosen_at: datetime | None = None
    recording: str | None = None
    capture: str | None = None
    ended_at: datetime | None = None
    ending: str | None = None


@dataclass(frozen=True)
class Evidence:
    """What proves a choice: no number, no name; outlives the recording.

    `facts` are JSON: notice parts with SHA-256 and whether each was heard, keys with their times,
    language, what was said.
    """

    call: str
    at: datetime
    outcome: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Search:
    """What a listener looks for; times are UTC, half-open; empty fields do not narrow."""

    caller_index: bytes | None = None
    line: str = ""
    purposes: frozenset[str] | None = None
    """Only recordings that exist for one of these; None does not narrow."""
    living_at: datetime | None = None
    """Purposes that have ended by this time count no more."""
    states: frozenset[State] = frozenset({State.SEALED})
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, str] | None = None
    """Continue after this (created_at, id): pages by key, not by offset."""
    limit: int = 50


@dataclass(frozen=True)
class Found:
    """A recording together with its call and its purposes (in a search: those alive at `living_at`)."""

    recording: Recording
    call: CallRow
    terms: tuple[Term, ...]


class CallBook(Protocol):
    """Calls and the evidence of their choices."""

    def add_call(self, call: CallRow) -> None: ...
    def call(self, call: str) -> CallRow: ...
    def call_by_channel(self, channel: str) -> CallRow | None: ...
    def calls(
        self, *, since: datetime | None = None, line: str = "", linkedid: str = "", limit: int = 50
    ) -> list[CallRow]:
        """Newest first; empty fields do not narrow; `linkedid` is Asterisk's name for a whole call."""
        ...

    def calls_alive(self, node: str) -> list[CallRow]: ...
    def commit_choice(self, evidence: Evidence) -> None:
        """The choice with its evidence and its ledger entry, in one transaction."""
        ...

    def evidence(self, call: str) -> Evidence | None: ...
    def note_capture(self, call: str, capture: str | None) -> None: ...
    def end_call(self, call: str, at: datetime, ending: str) -> None:
        """The call is over; the caller's number goes at once unless a recording belongs to the call."""
        ...


class RecordingBook(Protocol):
    """Recordings, their keys, purposes and progress."""

    def add_recording(
        self, recording: Recording, key: WrappedKey, terms: Iterable[Term], progress: Progress
    ) -> None:
        """The recording, its wrapped key and its purposes, in one transaction, before any capture.

        The call then names the recording. No purpose, no recording: `Refused`.
        """
        ...

    def add_key(self, key: WrappedKey, progress: Progress) -> None:
        """A new generation's wrapped key; refused when a tombstone stands."""
        ...

    def recording(self, recording: str) -> Recording: ...
    def progress(self, recording: str) -> Progress: ...
    def commit_progress(self, batch: Sequence[tuple[Progress, datetime]]) -> None:
        """The state of many recordings' containers in one transaction; PREPARED becomes CAPTURING.

        `started_at` is set by the first commit with audio in it.
        A recording that bears a tombstone stays ERASING, one that is erased is left alone.
        """
        ...

    def seal_recording(self, progress: Progress, ended_at: datetime) -> None:
        """The container is closed: state SEALED, and each purpose starts its clock at `ended_at`.

        A recording that bears a tombstone stays ERASING.
        """
        ...

    def end_terms(self, recording: str, purposes: Iterable[str], at: datetime, by: str) -> None:
        """End purposes before their date; `by` is a code (`withdrawn`, `objected`)."""
        ...

    def restrict(self, recording: str, at: datetime, reason: str) -> None:
        """Nobody may listen any more (Art. 18); `reason` is a code."""
        ...

    def keys(self, recording: str) -> list[WrappedKey]: ...
    def terms(self, recording: str) -> list[Term]: ...
    def unfinished(self, node: str) -> list[Recording]:
        """PREPARED or CAPTURING on this node."""
        ...

    def of_caller(self, caller_index: bytes) -> list[Recording]:
        """Every recording of a caller that is not erased yet, oldest first."""
        ...

    def search(self, search: Search) -> list[Found]:
        """Newest first."""
        ...

    def count_recordings(self) -> Mapping[State, int]:
        """How many there are in each state; states without any are left out."""
        ...

    def found(self, recording: str) -> Found: ...


class ErasureBook(Protocol):
    """Tombstones and what follows from them, in the order of erasure."""

    def due(self, now: datetime, limit: int | None = None) -> list[Recording]:
        """SEALED recordings whose last purpose has ended, that bear no tombstone yet, longest due first."""
        ...

    def add_tombstone(self, tombstone: Tombstone) -> bool:
        """Commit the intent (with its ledger entry); state ERASING; False when one stands already.

        One that stands is brought forward if this one is due earlier.
        """
        ...

    def tombstones(self, now: datetime) -> list[Tombstone]:
        """Those that are due and not done, oldest first."""
        ...

    def tombstone(self, recording: str) -> Tombstone | None: ...
    def destroy_keys(self, recording: str, at: datetime) -> list[DestroyedKey]:
        """Overwrite every wrapped key of a recording, and its caller's number; refused without a tombstone.

        Idempotent: what names the keys is kept, so a second run returns the same.
        """
        ...

    def checkpoint(self) -> bool:
        """Let nothing deleted remain in the journal (SQLite: a completed TRUNCATE checkpoint).

        False: a reader held it up, try again.
        """
        ...

    def finish_erasure(self, recording: str, at: datetime, certificate: bytes) -> None:
        """State ERASED, tombstone done, number gone, certificate kept, ledger told: one transaction."""
        ...

    def certificate(self, recording: str) -> bytes | None: ...


class LedgerBook(Protocol):
    """The append-only, chained account."""

    def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Entry: ...
    def entries(self, after: int = 0, limit: int = 1000) -> list[Entry]: ...
    def head(self) -> Entry | None: ...
    def erase_payloads(self, seqs: Iterable[int]) -> None:
        """Overwrite what entries tell of; they stay in the chain, which goes on to verify."""
        ...


@dataclass(frozen=True)
class Agent:
    """A person who takes calls: their consent or information, with version and dates."""

    id: str
    endpoint: str
    standing: str
    """`consented`, `informed` or `withdrawn`."""
    version: str
    at: datetime
    withdrawn_at: datetime | None = None


class AgentBook(Protocol):
    """The register of agents."""

    def put_agent(self, agent: Agent) -> None: ...
    def agent(self, id: str) -> Agent | None: ...
    def agent_at(self, endpoint: str) -> Agent | None: ...
    def agents(self) -> list[Agent]: ...


@dataclass(frozen=True)
class User:
    """Who may use the page; `password` is an argon2id hash; `roles` as the policy's listeners name them."""

    name: str
    password: str
    roles: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None = None


class UserBook(Protocol):
    """People and their sessions; a session's token is stored only as its SHA-256."""

    def put_user(self, user: User, at: datetime) -> None:
        """Add or change a person, at a time for the ledger."""
        ...

    def user(self, name: str) -> User | None: ...
    def users(self) -> list[User]: ...
    def add_session(self, token_hash: bytes, user: str, at: datetime, expires_at: datetime) -> None: ...
    def session(self, token_hash: bytes, now: datetime) -> tuple[str, Mapping[str, str]] | None:
        """The user's name and the session's notes (purpose, reason); None when unknown or over."""
        ...

    def note_session(self, token_hash: bytes, notes: Mapping[str, str]) -> None: ...
    def end_session(self, token_hash: bytes) -> None: ...
    def end_sessions_of(self, user: str) -> None: ...


@dataclass(frozen=True)
class Alarm:
    """Something a person must look at; `about` is an id of ours (line, call, recording), never a name."""

    id: str
    about: str
    since: datetime
    message: str
    cleared_at: datetime | None = None


class Upkeep(Protocol):
    """Alarms, switches, policies in force, epochs, and the heartbeat of each node."""

    def raise_alarm(self, alarm: Alarm) -> None:
        """Idempotent while the same alarm (id, about) stands."""
        ...

    def clear_alarm(self, id: str, about: str, at: datetime) -> None: ...
    def alarms(self) -> list[Alarm]:
        """Those that stand."""
        ...

    def switch(self, line: str, on: bool, at: datetime) -> None:
        """`line` is `*` for everything."""
        ...

    def switched_off(self, line: str) -> bool: ...
    def switches(self) -> Mapping[str, bool]: ...
    def keep_policy(self, version: str, text: str, at: datetime) -> None: ...
    def policy_text(self, version: str) -> str | None: ...
    def add_epoch(self, epoch: str, algorithm: str, public: bytes, at: datetime) -> None: ...
    def epoch(self) -> tuple[str, bytes, datetime] | None:
        """The current one: id, encoded public key, begun at."""
        ...

    def beat(self, node: str, at: datetime, facts: Mapping[str, Any]) -> None: ...
    def beats(self) -> Mapping[str, tuple[datetime, Mapping[str, Any]]]: ...


class Register(CallBook, RecordingBook, ErasureBook, LedgerBook, AgentBook, UserBook, Upkeep, Protocol):
    """The database as a whole; only bootstrap handles it as one."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make several calls one transaction; nested use joins the outer one."""
        ...

    def ready(self) -> bool:
        """Whether it answers now."""
        ...

    def close(self) -> None: ...
