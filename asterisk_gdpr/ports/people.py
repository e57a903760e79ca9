"""The people the register knows: agents who take calls, users of the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Agent:
    """A person who takes calls: their consent or information, with version and dates."""

    id: str
    endpoint: str
    standing: str
    """`consented`, `informed`, `withdrawn` or `removed`."""
    version: str
    at: datetime
    withdrawn_at: datetime | None = None
    """When they withdrew or were removed."""


class AgentBook(Protocol):
    """The register of agents."""

    def put_agent(self, agent: Agent, user: str = "") -> None:
        """Add or change; the ledger is told which user wrote it down."""
        ...

    def agent(self, id: str) -> Agent | None: ...
    def agent_at(self, endpoint: str) -> Agent | None: ...
    def agents(self) -> list[Agent]: ...
    def note_participants(self, recording: str, endpoints: Iterable[str], at: datetime) -> None:
        """Which registered agents took part; to be called only under an agreement that allows it."""
        ...

    def recordings_of_agent(self, agent: str) -> list[str]: ...
    def agents_in(self, recordings: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Which agents took part, by recording; those of nobody, and those that are erased, are left out."""
        ...


@dataclass(frozen=True)
class User:
    """Who may use the page; `password` is an argon2id hash; `roles` as the policy's listeners name them."""

    name: str
    password: str
    roles: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None = None
    lines: frozenset[str] = frozenset()
    """The lines whose recordings they deal with; none named: every line."""
    second: str = ""
    """The secret of their one-time codes (base32); empty while they have none."""
    second_step: int = 0
    """The last time step whose code was taken: no code counts twice."""
    recovery: tuple[str, ...] = ()
    """SHA-256 of each recovery code that is left, in hex."""
    agent: str = ""
    """The agent of the register that they are, by our id; empty for whoever takes no calls."""


class UserBook(Protocol):
    """People and their sessions; a session's token is stored only as its SHA-256."""

    def put_user(self, user: User, at: datetime, by: str = "") -> None:
        """Add or change a person, at a time for the ledger, which is told by whom."""
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
