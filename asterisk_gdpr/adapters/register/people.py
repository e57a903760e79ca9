"""Agents, users and their sessions, as rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.deadlines import begin, stop
from asterisk_gdpr.adapters.register.kinds import wipe_text
from asterisk_gdpr.adapters.register.recordings import state_of
from asterisk_gdpr.adapters.register.tables import (
    agents,
    callers,
    participants,
    saved_searches,
    sessions,
    tokens,
    users,
)
from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.core.ledger import told_by
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Agent, User

NOBODYS = "00"
"""What a session keeps instead of the index of a number that is gone: an index that no number has."""


def forget_searches(connection: Connection, index: bytes) -> None:
    """Once nothing of a number is left, no session keeps its index, by which somebody had looked for it."""
    if connection.execute(select(callers.c.call).where(callers.c.blind_index == index).limit(1)).first():
        return
    for token, notes in connection.execute(select(sessions.c.token_hash, sessions.c.notes)).all():
        kept = {name: NOBODYS if text == index.hex() else text for name, text in notes.items()}
        if kept != notes:
            noted = update(sessions).where(sessions.c.token_hash == token)
            connection.execute(noted.values(notes=kept))


class Agents(Book):
    """Plays `ports.AgentBook`."""

    def put_agent(self, agent: Agent, user: str = "") -> None:
        """Add or change; the ledger names the agent by our id alone."""
        values = {
            "endpoint": agent.endpoint,
            "standing": agent.standing,
            "version": agent.version,
            "at": agent.at,
            "withdrawn_at": agent.withdrawn_at,
        }
        entry = {"agent": agent.id, "standing": agent.standing, "version": agent.version}
        with self._database.writing() as connection:
            changed = connection.execute(update(agents).where(agents.c.id == agent.id).values(**values))
            if not changed.rowcount:
                connection.execute(insert(agents).values(id=agent.id, **values))
            if agent.standing == AgentStanding.REMOVED:
                begin(connection, "agents", agent.id, agent.withdrawn_at or agent.at)
            else:
                stop(connection, "agents", agent.id)
            append(connection, agent.withdrawn_at or agent.at, "agent-put", entry)
            if user:  # an entry of its own: who wrote it down goes by another period than what was said
                who = {"user": user, "agent": agent.id}
                append(connection, agent.withdrawn_at or agent.at, "agent-written-down", who)

    def agent(self, id: str) -> Agent | None:
        """One agent by id."""
        with self._database.reading() as connection:
            row = connection.execute(select(agents).where(agents.c.id == id)).one_or_none()
        return Agent(**row._mapping) if row else None

    def agent_at(self, endpoint: str) -> Agent | None:
        """The agent who was last registered at an endpoint."""
        query = select(agents).where(agents.c.endpoint == endpoint).order_by(agents.c.at.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Agent(**row._mapping) if row else None

    def note_participants(self, recording: str, endpoints: Iterable[str], at: datetime) -> None:
        """By our id alone, and each once; whoever is not registered is not noted, nor what is to go."""
        with self._database.writing() as connection:
            if state_of(connection, recording) in (State.ERASING, State.ERASED):
                return
            there = connection.execute(
                select(participants.c.agent).where(participants.c.recording == recording)
            ).scalars()
            known = set(there)
            for endpoint in sorted(endpoints):
                agent = self.agent_at(endpoint)
                if agent is not None and agent.id not in known:
                    connection.execute(
                        insert(participants).values(recording=recording, agent=agent.id, at=at)
                    )

    def recordings_of_agent(self, agent: str) -> list[str]:
        """Those that are not erased, newest first."""
        query = select(participants.c.recording).where(participants.c.agent == agent)
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(participants.c.number.desc())).scalars())

    def agents_in(self, recordings: Collection[str]) -> Mapping[str, frozenset[str]]:
        """By our ids."""
        found: dict[str, set[str]] = {}
        query = select(participants.c.recording, participants.c.agent)
        with self._database.reading() as connection:
            for recording, agent in connection.execute(
                query.where(participants.c.recording.in_(sorted(recordings)))
            ):
                if agent:
                    found.setdefault(recording, set()).add(agent)
        return {recording: frozenset(agents) for recording, agents in found.items()}

    def agents(self) -> list[Agent]:
        """Every agent whose data is not overwritten, by endpoint."""
        with self._database.reading() as connection:
            rows = connection.execute(select(agents).order_by(agents.c.endpoint, agents.c.id))
            return [Agent(**row._mapping) for row in rows if row.endpoint]


def wipe_participants(connection: Connection, recording: str) -> None:
    """Who took part goes with the recording's keys."""
    ids = connection.execute(select(participants.c.number).where(participants.c.recording == recording))
    wipe_text(connection, participants, "number", list(ids.scalars()), "agent")


class Users(Book):
    """Plays `ports.UserBook`."""

    def put_user(self, user: User, at: datetime, by: str = "") -> None:
        """Add or change; one who is disabled is signed out everywhere."""
        values = {
            "password": user.password,
            "roles": sorted(user.roles),
            "created_at": user.created_at,
            "disabled_at": user.disabled_at,
            "lines": sorted(user.lines),
            "second": user.second,
            "second_step": user.second_step,
            "recovery": list(user.recovery),
            "agent": user.agent,
        }
        with self._database.writing() as connection:
            changed = connection.execute(update(users).where(users.c.name == user.name).values(**values))
            if not changed.rowcount:
                connection.execute(insert(users).values(name=user.name, **values))
            if user.disabled_at is not None:
                connection.execute(delete(sessions).where(sessions.c.user == user.name))
                connection.execute(delete(saved_searches).where(saved_searches.c.user == user.name))
                connection.execute(delete(tokens).where(tokens.c.user == user.name))
                begin(connection, "users", user.name, user.disabled_at)
            else:
                stop(connection, "users", user.name)
            kind = (
                "user-disabled" if user.disabled_at else "user-changed" if changed.rowcount else "user-added"
            )
            append(connection, at, kind, {"whose": user.name, "roles": sorted(user.roles), **told_by(by)})

    def user(self, name: str) -> User | None:
        """One person by name."""
        with self._database.reading() as connection:
            row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
        return _user(row) if row and row.password else None

    def users(self) -> list[User]:
        """Everyone whose data is not overwritten, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(users).order_by(users.c.name))
            return [_user(row) for row in rows if row.password]

    def add_session(self, token_hash: bytes, user: str, at: datetime, expires_at: datetime) -> None:
        """Begin a session; sessions that are over go."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
            connection.execute(
                insert(sessions).values(
                    token_hash=token_hash, user=user, at=at, expires_at=expires_at, notes={}
                )
            )

    def session(self, token_hash: bytes, now: datetime) -> tuple[str, Mapping[str, str]] | None:
        """Whose session a token opens, if it still does."""
        query = select(sessions.c.user, sessions.c.notes).where(
            sessions.c.token_hash == token_hash, sessions.c.expires_at > now
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return (row.user, row.notes) if row else None

    def note_session(self, token_hash: bytes, notes: Mapping[str, str]) -> None:
        """Replace a session's notes."""
        noted = update(sessions).where(sessions.c.token_hash == token_hash).values(notes=dict(notes))
        with self._database.writing() as connection:
            if not connection.execute(noted).rowcount:
                raise Refused("The session is over.", id="unknown-session")

    def end_session(self, token_hash: bytes) -> None:
        """Sign out."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))

    def end_sessions_of(self, user: str) -> None:
        """Sign a person out everywhere."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.user == user))


def _user(row: Row[Any]) -> User:
    return User(
        row.name,
        row.password,
        frozenset(row.roles),
        row.created_at,
        row.disabled_at,
        frozenset(row.lines),
        row.second,
        row.second_step,
        tuple(row.recovery),
        row.agent,
    )
