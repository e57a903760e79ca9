"""Marks at recordings and saved searches, as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.kinds import wipe_bytes, wipe_text
from asterisk_gdpr.adapters.register.tables import marks, saved_searches, tombstones
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Mark, SavedSearch

_EMPTY = b"\n"
"""Stands for a mark without words: what is all zeroes counts as overwritten."""


class Marks(Book):
    """Plays `ports.MarkBook`."""

    def add_mark(self, mark: Mark) -> None:
        """A mark at a recording that is not about to go."""
        with self._database.writing() as connection:
            doomed = select(tombstones.c.recording).where(tombstones.c.recording == mark.recording)
            if connection.execute(doomed).first():
                raise Refused("This recording has been erased, or is being erased.", id="erased")
            connection.execute(
                insert(marks).values(
                    id=mark.id,
                    recording=mark.recording,
                    at_ms=mark.at_ms,
                    user=mark.user,
                    made_at=mark.made_at,
                    text=mark.text.encode() or _EMPTY,
                )
            )
            entry = {"user": mark.user, "recording": mark.recording, "mark": mark.id, "at_ms": mark.at_ms}
            append(connection, mark.made_at, "mark-added", entry)

    def marks(self, recording: str) -> list[Mark]:
        """Those whose words are still there."""
        query = select(marks).where(marks.c.recording == recording).order_by(marks.c.at_ms, marks.c.made_at)
        with self._database.reading() as connection:
            return [
                Mark(row.id, row.recording, row.at_ms, row.user, row.made_at, row.text.decode().strip("\n"))
                for row in connection.execute(query)
                if row.text is not None
            ]

    def drop_mark(self, mark: str, by: str, at: datetime) -> None:
        """Its words and its author go; that there was one stays in the ledger."""
        query = select(marks.c.recording, marks.c.text).where(marks.c.id == mark, marks.c.user == by)
        with self._database.writing() as connection:
            row = connection.execute(query).one_or_none()
            if row is None or row.text is None:
                raise Refused("There is no such mark of yours.", id="no-such-mark")
            wipe_marks(connection, marks.c.id.key, mark)
            append(connection, at, "mark-dropped", {"user": by, "recording": row.recording, "mark": mark})

    def save_search(self, search: SavedSearch) -> None:
        """Keep it, in place of one of that name."""
        mine = (saved_searches.c.user == search.user, saved_searches.c.name == search.name)
        with self._database.writing() as connection:
            changed = connection.execute(update(saved_searches).where(*mine).values(query=dict(search.query)))
            if not changed.rowcount:
                connection.execute(
                    insert(saved_searches).values(
                        user=search.user, name=search.name, query=dict(search.query)
                    )
                )

    def saved_searches(self, user: str) -> list[SavedSearch]:
        """A person's, by name."""
        query = select(saved_searches).where(saved_searches.c.user == user).order_by(saved_searches.c.name)
        with self._database.reading() as connection:
            return [SavedSearch(row.user, row.name, row.query) for row in connection.execute(query)]

    def drop_search(self, user: str, name: str) -> None:
        """Keep it no longer; one that is not there is no error."""
        mine = (saved_searches.c.user == user, saved_searches.c.name == name)
        with self._database.writing() as connection:
            connection.execute(delete(saved_searches).where(*mine))


def wipe_marks(connection: Connection, key: str, of: str) -> None:
    """Overwrite the words and the authors of marks: of one by its id, of a recording's by its `recording`."""
    ids = connection.execute(select(marks.c.id).where(marks.c[key] == of)).scalars().all()
    wipe_bytes(connection, marks, "id", ids, "text")
    wipe_text(connection, marks, "id", ids, "user")
