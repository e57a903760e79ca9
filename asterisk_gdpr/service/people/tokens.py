"""Tokens for programs: made by a person for themselves, shown once, with scopes and an end.

A token can do what its scopes name and its person may, and never more: roles and lines are looked up
for every request, so a role that is taken away is gone from the token too.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, Token, TokenBook, User, UserBook
from asterisk_gdpr.service.ids import new_id

LONGEST = timedelta(days=365)
PREFIX = "agdpr_"
"""By which people and scanners see what it is that leaked."""


class Scope(StrEnum):
    """What a token is for."""

    READ_RECORDINGS = "recordings:read"
    LISTEN = "recordings:listen"
    DISPOSE = "recordings:dispose"
    EXPORT = "recordings:export"
    EVALUATE = "evaluations:give"
    READ_EVALUATIONS = "evaluations:read"
    READ_CLIPS = "clips:read"
    SHARE = "clips:share"
    STEER = "calls:steer"
    REFER = "recordings:refer"
    READ_REQUESTS = "requests:read"
    OPEN_REQUESTS = "requests:open"
    ANSWER_REQUESTS = "requests:answer"
    READ_HOLDS = "holds:read"
    HOLD = "holds:change"
    READ_NEVER = "never:read"
    NEVER = "never:change"
    READ_AGENTS = "agents:read"
    AGENTS = "agents:change"
    COPY_AGENTS = "agents:copy"
    READ_LINES = "lines:read"
    SWITCH = "lines:switch"
    READ_PEOPLE = "people:read"
    SHUT_OUT = "people:shut-out"
    LOCK = "vault:lock"
    READ_LEDGER = "ledger:read"
    READ_STATUS = "status:read"
    SEE_TO = "alarms:see-to"


class Book(TokenBook, UserBook, Protocol):
    """What tokens need of the register."""


class Tokens:
    """Makes, knows and ends them."""

    def __init__(self, register: Book, clock: Clock) -> None:
        self._register = register
        self._clock = clock

    def make(self, user: str, name: str, scopes: Iterable[str], days: int) -> tuple[str, Token]:
        """Return a new token, which nobody sees again; raises Refused `no-scope`, `no-end`, `no-name`."""
        wanted = frozenset(scopes)
        if not wanted or wanted - set(Scope):
            raise Refused("A token is for something: name its scopes.", id="no-scope")
        if not 0 < days <= LONGEST.days:
            raise Refused("A token ends within a year.", id="no-end")
        if not name.strip():
            raise Refused("A token has a name, so that it can be told apart.", id="no-name")
        secret, now = PREFIX + secrets.token_urlsafe(32), self._clock.now()
        token = Token(
            new_id("t"), _digest(secret), user, name.strip()[:60], wanted, now, now + timedelta(days=days)
        )
        self._register.add_token(token)
        return secret, token

    def of(self, user: str) -> list[Token]:
        """A person's, those that have ended too."""
        return self._register.tokens(user)

    def end(self, id: str, user: str) -> None:
        """End one of a person's; raises Refused `no-such-token`."""
        self._register.end_token(id, user, self._clock.now())

    def who(self, secret: str) -> tuple[Token, User] | None:
        """Whose token this is, with the person as they are now; None when it is unknown or over."""
        token = self._register.token(_digest(secret))
        if token is None or token.ended_at is not None or self._clock.now() >= token.ends_at:
            return None
        user = self._register.user(token.user)
        return None if user is None or user.disabled_at is not None else (token, user)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
