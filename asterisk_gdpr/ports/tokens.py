"""Tokens for programs: each belongs to a person, has scopes and an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Token:
    """A token as the register keeps it: by its SHA-256 alone; its rights are at most its person's."""

    id: str
    digest: bytes
    user: str
    name: str
    scopes: frozenset[str]
    made_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None


class TokenBook(Protocol):
    """Tokens; making and ending one is told to the ledger."""

    def add_token(self, token: Token) -> None: ...
    def token(self, digest: bytes) -> Token | None: ...
    def tokens(self, user: str) -> list[Token]:
        """A person's, newest first, those that have ended too."""
        ...

    def end_token(self, id: str, user: str, at: datetime) -> None:
        """Refused (`no-such-token`) when it is not theirs, or has ended."""
        ...
