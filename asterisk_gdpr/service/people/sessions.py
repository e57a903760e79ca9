"""Sessions: they live in the register, and end there, whatever a browser keeps.

The register holds the SHA-256 of a session's token, never the token: what is stolen there opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.ports import Clock, LedgerBook, User, UserBook

LONGEST_SESSION = timedelta(hours=12)
"""A working day: after it everybody signs in again, however busy they were."""

LONGEST_HALFWAY = timedelta(minutes=5)
"""So long the one-time code may be owed."""

OWED = "second"
"""The note of a session whose person has given the password, and not yet the one-time code."""

_SEEN = "seen"
"""The note of when a session was last used (a time as `core.times` writes it)."""

_TOUCHES = 10
"""So many times in its idle period is a busy session's last use written down, and no more often."""


@dataclass(frozen=True)
class SignedIn:
    """A person in a session: `session` names it without giving its token away, `notes` are its own."""

    name: str
    roles: frozenset[str]
    session: str
    notes: Mapping[str, str]
    lines: frozenset[str] = frozenset()
    second: bool = False
    """Whether they have one-time codes."""

    @property
    def halfway(self) -> bool:
        """Whether the one-time code is still owed: until then nothing is open to them."""
        return self.notes.get(OWED) == "1"


class Book(UserBook, LedgerBook, Protocol):
    """What accounts and sessions need of the register."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make several calls one transaction."""
        ...


class Sessions:
    """The sessions of the page; `idle` is how long one lives without activity."""

    def __init__(self, register: Book, clock: Clock, *, idle: timedelta) -> None:
        self._register = register
        self._clock = clock
        self._idle = idle

    def begin(self, user: User, *, halfway: bool = False) -> tuple[str, SignedIn]:
        """Begin a session for a person who has proven who they are; return its token and its person.

        `halfway`: the one-time code is still owed; the session opens nothing, and ends within minutes.
        """
        token, now = secrets.token_urlsafe(32), self._clock.now()
        notes = {_SEEN: to_text(now), **({OWED: "1"} if halfway else {})}
        ends = now + (LONGEST_HALFWAY if halfway else LONGEST_SESSION)
        with self._register.transaction():
            self._register.add_session(_digest(token), user.name, now, ends)
            self._register.note_session(_digest(token), notes)
            if not halfway:
                self._register.record("signed-in", {"user": user.name}, now)
        return token, _signed_in(user, token, notes)

    def who(self, token: str) -> SignedIn | None:
        """Return whose session this is; None when it is unknown or over, or its person is shut out.

        Being asked is activity: it prolongs the session.
        """
        now = self._clock.now()
        known = self._register.session(_digest(token), now)
        user = self._register.user(known[0]) if known else None
        if known is None or user is None or user.disabled_at is not None:
            return None
        unused = now - from_text(known[1][_SEEN])
        if unused >= self._idle:
            self._register.end_session(_digest(token))
            return None
        if unused >= self._idle / _TOUCHES:
            self.note(token, {_SEEN: to_text(now)})
        return _signed_in(user, token, known[1])

    def note(self, token: str, notes: Mapping[str, str]) -> None:
        """Add to what a session remembers; an empty text forgets. Nothing personal but what is hashed.

        A session that is over remembers nothing, and that is no error.
        """
        with self._register.transaction():
            known = self._register.session(_digest(token), self._clock.now())
            if known:
                kept = {name: text for name, text in {**known[1], **notes}.items() if text}
                self._register.note_session(_digest(token), kept)

    def end(self, token: str) -> None:
        """End a session; one that is over already is no error."""
        person = self.who(token)
        self._register.end_session(_digest(token))
        if person and not person.halfway:
            self._register.record("signed-out", {"user": person.name}, self._clock.now())


def _signed_in(user: User, token: str, notes: Mapping[str, str]) -> SignedIn:
    return SignedIn(user.name, user.roles, _digest(token).hex(), notes, user.lines, bool(user.second))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
