"""Tallies, the ledger by what it is about, and alarms that somebody has seen, as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, literal_column, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.ledger import entry_of
from asterisk_gdpr.adapters.register.tables import alarms, calls, ledger
from asterisk_gdpr.core.ledger import Entry
from asterisk_gdpr.core.times import from_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Looked, Tally

_HOUR = len("2026-11-23T12")


class Activity(Book):
    """Plays `ports.ActivityBook`."""

    def tally(self, since: datetime, until: datetime) -> list[Tally]:
        """Counted by the database, along the index of the time of arrival."""
        # The text of a time sorts as time does, and begins with day and hour.
        hour = func.substr(calls.c.arrived_at, literal_column("1"), literal_column(str(_HOUR)))
        query = (
            select(hour, calls.c.line, calls.c.language, calls.c.choice, func.count())
            .where(calls.c.arrived_at >= since, calls.c.arrived_at < until)
            .group_by(hour, calls.c.line, calls.c.language, calls.c.choice)
        )
        with self._database.reading() as connection:
            return [
                Tally(from_text(f"{text}:00:00.000000Z"), line, language, choice or "", count)
                for text, line, language, choice, count in connection.execute(query)
            ]

    def look_up(self, looked: Looked) -> list[Entry]:
        """Along the index of what is asked for; else backwards from the end."""
        query = select(ledger).order_by(ledger.c.seq.desc()).limit(looked.limit)
        if looked.about:
            query = query.where(ledger.c.about.in_(looked.about))
        if looked.kind:
            query = query.where(ledger.c.kind == looked.kind)
        if looked.since is not None:
            query = query.where(ledger.c.at >= looked.since)
        if looked.until is not None:
            query = query.where(ledger.c.at < looked.until)
        if looked.before is not None:
            query = query.where(ledger.c.seq < looked.before)
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(query)]

    def kinds(self) -> list[str]:
        """One jump along the index for each of them, not a walk over every entry."""
        found: list[str] = []
        query = select(func.min(ledger.c.kind))
        with self._database.reading() as connection:
            kind = connection.execute(query).scalar_one()
            while kind is not None:
                found.append(kind)
                kind = connection.execute(query.where(ledger.c.kind > kind)).scalar_one()
        return found

    def see_to(self, id: str, about: str, by: str, at: datetime) -> None:
        """Told to the ledger; it goes on to stand until its cause is gone."""
        standing = (alarms.c.id == id, alarms.c.about == about, alarms.c.cleared_at.is_(None))
        with self._database.writing() as connection:
            changed = connection.execute(update(alarms).where(*standing).values(seen_to_at=at, seen_to_by=by))
            if not changed.rowcount:
                raise Refused("This alarm stands no more.", id="no-such-alarm")
            append(connection, at, "alarm-seen-to", {"user": by, "alarm": id, "about": about})
