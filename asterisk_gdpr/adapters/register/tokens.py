"""Tokens as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.tables import tokens
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Token


class Tokens(Book):
    """Plays `ports.TokenBook`."""

    def add_token(self, token: Token) -> None:
        """A new one, told without its name, which is a person's words."""
        with self._database.writing() as connection:
            connection.execute(
                insert(tokens).values(
                    id=token.id,
                    digest=token.digest,
                    user=token.user,
                    name=token.name,
                    scopes=sorted(token.scopes),
                    made_at=token.made_at,
                    ends_at=token.ends_at,
                )
            )
            told = {"user": token.user, "token": token.id, "scopes": sorted(token.scopes)}
            append(connection, token.made_at, "token-made", told)

    def token(self, digest: bytes) -> Token | None:
        """The one of this digest."""
        with self._database.reading() as connection:
            row = connection.execute(select(tokens).where(tokens.c.digest == digest)).one_or_none()
        return _value(row) if row else None

    def tokens(self, user: str) -> list[Token]:
        """A person's."""
        query = select(tokens).where(tokens.c.user == user).order_by(tokens.c.made_at.desc())
        with self._database.reading() as connection:
            return [_value(row) for row in connection.execute(query)]

    def end_token(self, id: str, user: str, at: datetime) -> None:
        """It opens nothing any more."""
        mine = (tokens.c.id == id, tokens.c.user == user, tokens.c.ended_at.is_(None))
        with self._database.writing() as connection:
            if not connection.execute(update(tokens).where(*mine).values(ended_at=at)).rowcount:
                raise Refused("There is no such token of yours.", id="no-such-token")
            append(connection, at, "token-ended", {"user": user, "token": id})


def _value(row: Row[Any]) -> Token:
    return Token(
        row.id,
        row.digest,
        row.user,
        row.name,
        frozenset(row.scopes),
        row.made_at,
        row.ends_at,
        row.ended_at,
    )
