"""Alarms, switches, policies and heartbeats, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.deadlines import begin
from asterisk_gdpr.adapters.register.tables import alarms, beats, policies, switches
from asterisk_gdpr.core.ledger import told_by
from asterisk_gdpr.ports import Alarm


class Upkeeping(Book):
    """Plays `ports.Upkeep`."""

    def raise_alarm(self, alarm: Alarm) -> None:
        """Raise it, or bring the message of the one that stands up to date."""
        standing = (alarms.c.id == alarm.id, alarms.c.about == alarm.about, alarms.c.cleared_at.is_(None))
        with self._database.writing() as connection:
            changed = connection.execute(update(alarms).where(*standing).values(message=alarm.message))
            if not changed.rowcount:
                connection.execute(
                    insert(alarms).values(
                        id=alarm.id, about=alarm.about, since=alarm.since, message=alarm.message
                    )
                )

    def clear_alarm(self, id: str, about: str, at: datetime) -> None:
        """It stands no more; none that stands is no error."""
        standing = (alarms.c.id == id, alarms.c.about == about, alarms.c.cleared_at.is_(None))
        with self._database.writing() as connection:
            number = connection.execute(select(alarms.c.number).where(*standing)).scalar_one_or_none()
            if number is not None:
                connection.execute(update(alarms).where(alarms.c.number == number).values(cleared_at=at))
                begin(connection, "alarms", str(number), at)

    def alarms(self) -> list[Alarm]:
        """Those that stand, oldest first."""
        query = select(alarms).where(alarms.c.cleared_at.is_(None)).order_by(alarms.c.since, alarms.c.number)
        with self._database.reading() as connection:
            rows = connection.execute(query)
            return [
                Alarm(
                    row.id,
                    row.about,
                    row.since,
                    row.message,
                    row.cleared_at,
                    row.seen_to_at,
                    row.seen_to_by or "",
                )
                for row in rows
            ]

    def switch(self, line: str, on: bool, at: datetime, user: str = "") -> None:
        """Switch a line, or everything."""
        with self._database.writing() as connection:
            changed = connection.execute(update(switches).where(switches.c.line == line).values(on=on, at=at))
            if not changed.rowcount:
                connection.execute(insert(switches).values(line=line, on=on, at=at))
            append(connection, at, "switched", {"line": line, "on": on, **told_by(user)})

    def switched_off(self, line: str) -> bool:
        """Whether the line is off, or everything is."""
        query = select(switches.c.line).where(switches.c.line.in_(["*", line]), switches.c.on.is_(False))
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def switches(self) -> Mapping[str, bool]:
        """Every switch that was ever set."""
        with self._database.reading() as connection:
            return {
                row.line: row.on for row in connection.execute(select(switches).order_by(switches.c.line))
            }

    def keep_policy(self, version: str, text: str, at: datetime) -> None:
        """Keep a policy's text; one that is kept already stays as it is."""
        with self._database.writing() as connection:
            if self.policy_text(version) is None:
                connection.execute(insert(policies).values(version=version, text=text, at=at))
                append(connection, at, "policy-kept", {"policy": version})

    def policy_text(self, version: str) -> str | None:
        """The text of a policy that was in force."""
        with self._database.reading() as connection:
            query = select(policies.c.text).where(policies.c.version == version)
            return connection.execute(query).scalar_one_or_none()

    def policy_versions(self) -> list[tuple[str, datetime]]:
        """Every version that was in force."""
        query = select(policies.c.version, policies.c.at).order_by(policies.c.at, policies.c.version)
        with self._database.reading() as connection:
            return [(row.version, row.at) for row in connection.execute(query)]

    def beat(self, node: str, at: datetime, facts: Mapping[str, Any]) -> None:
        """A node is alive, and how it is."""
        values = {"at": at, "facts": dict(facts)}
        with self._database.writing() as connection:
            changed = connection.execute(update(beats).where(beats.c.node == node).values(**values))
            if not changed.rowcount:
                connection.execute(insert(beats).values(node=node, **values))

    def beats(self) -> Mapping[str, tuple[datetime, Mapping[str, Any]]]:
        """The last beat of each node."""
        with self._database.reading() as connection:
            return {row.node: (row.at, row.facts) for row in connection.execute(select(beats))}
