"""The never list as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.columns import wiped
from asterisk_gdpr.adapters.register.deadlines import begin, stop
from asterisk_gdpr.adapters.register.epochs import require_living_epoch
from asterisk_gdpr.adapters.register.tables import nevers
from asterisk_gdpr.core.ledger import told_by
from asterisk_gdpr.core.never import NeverEntry
from asterisk_gdpr.core.times import to_text


class Nevers(Book):
    """Plays `ports.NeverBook`."""

    def add_never(self, entry: NeverEntry, user: str = "") -> NeverEntry:
        """The ledger names the entry by our id alone."""
        standing = select(nevers).where(nevers.c.removed_at.is_(None), nevers.c.line == entry.line)
        with self._database.writing() as connection:
            same = connection.execute(standing.where(nevers.c.blind_index == entry.index)).first()
            if same is not None:
                stop(connection, "never_list", same.id)
                begin(connection, "never_list", same.id, entry.added_at)
                again = update(nevers).where(nevers.c.id == same.id).values(review_at=entry.review_at)
                connection.execute(again)
                return replace(_entry(same), review_at=entry.review_at)
            require_living_epoch(connection, entry.epoch)
            connection.execute(
                insert(nevers).values(
                    id=entry.id,
                    line=entry.line,
                    blind_index=entry.index,
                    sealed=entry.sealed,
                    epoch=entry.epoch,
                    by=entry.by,
                    added_at=entry.added_at,
                    review_at=entry.review_at,
                )
            )
            told = {"never": entry.id, "line": entry.line, "by": entry.by, **told_by(user)}
            begin(connection, "never_list", entry.id, entry.added_at)
            append(connection, entry.added_at, "never-added", told)
        return entry

    def review_never(self, id: str, review_at: datetime, at: datetime, user: str = "") -> None:
        """The ledger has that somebody looked, and when it is to be looked at again."""
        with self._database.writing() as connection:
            found = update(nevers).where(nevers.c.id == id, nevers.c.removed_at.is_(None))
            if not connection.execute(found.values(review_at=review_at)).rowcount:
                raise unknown("never", id)
            told = {"never": id, "review_at": to_text(review_at), **told_by(user)}
            append(connection, at, "never-reviewed", told)

    def remove_never(self, id: str, at: datetime, user: str = "") -> None:
        """The row stays, empty of the number."""
        with self._database.writing() as connection:
            found = select(nevers).where(nevers.c.id == id, nevers.c.removed_at.is_(None))
            row = connection.execute(found).one_or_none()
            if row is None:
                raise unknown("never", id)
            blank = {"sealed": wiped(row.sealed), "blind_index": wiped(row.blind_index)}
            connection.execute(update(nevers).where(nevers.c.id == id).values(removed_at=at, **blank))
            stop(connection, "never_list", id)
            append(connection, at, "never-removed", {"never": id, **told_by(user)})

    def nevers(self) -> list[NeverEntry]:
        """Oldest first."""
        query = select(nevers).where(nevers.c.removed_at.is_(None)).order_by(nevers.c.added_at, nevers.c.id)
        with self._database.reading() as connection:
            return [_entry(row) for row in connection.execute(query)]


def _entry(row: Row[Any]) -> NeverEntry:
    return NeverEntry(
        row.id,
        row.line,
        row.blind_index,
        row.sealed,
        row.epoch,
        row.by,
        row.added_at,
        row.review_at,
        row.removed_at,
    )
