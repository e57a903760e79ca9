"""What was published, as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.tables import publications
from asterisk_gdpr.ports.publications import Publication


class Publications(Book):
    """Plays `ports.publications.PublicationBook`."""

    def publish(self, publication: Publication) -> bool:
        """Keep a new text of a document."""
        with self._database.writing() as connection:
            rows = _rows(connection, publication.document, publication.line, publication.language)
            if rows and rows[0].version == publication.version:
                return False
            connection.execute(insert(publications).values(**vars(publication)))
            told = {name: vars(publication)[name] for name in ("document", "line", "language", "version")}
            append(connection, publication.at, "published", told)
            return True

    def published(self) -> list[Publication]:
        """The last of each."""
        of = (publications.c.document, publications.c.line, publications.c.language)
        last = select(func.max(publications.c.number)).group_by(*of)
        query = select(publications).where(publications.c.number.in_(last)).order_by(*of)
        with self._database.reading() as connection:
            return [_value(row) for row in connection.execute(query)]

    def earlier(self, document: str, line: str, language: str) -> list[Publication]:
        """All of one."""
        with self._database.reading() as connection:
            return [_value(row) for row in _rows(connection, document, line, language)]


def _rows(connection: Connection, document: str, line: str, language: str) -> list[Row[Any]]:
    query = select(publications).where(
        publications.c.document == document,
        publications.c.line == line,
        publications.c.language == language,
    )
    return list(connection.execute(query.order_by(publications.c.number.desc())))


def _value(row: Row[Any]) -> Publication:
    return Publication(row.document, row.line, row.language, row.version, row.policy, row.text, row.at)
