"""The part of the register in memory that holds tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Token


class MemoryTokens:
    """Plays `ports.TokenBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any

    def add_token(self, token: Token) -> None:
        self._tables.tokens[token.id] = token
        told = {"user": token.user, "token": token.id, "scopes": sorted(token.scopes)}
        self.record("token-made", told, token.made_at)

    def token(self, digest: bytes) -> Token | None:
        return next((one for one in self._tables.tokens.values() if one.digest == digest), None)

    def tokens(self, user: str) -> list[Token]:
        mine = [one for one in self._tables.tokens.values() if one.user == user]
        return sorted(mine, key=lambda one: one.made_at, reverse=True)

    def end_token(self, id: str, user: str, at: datetime) -> None:
        known = self._tables.tokens.get(id)
        if known is None or known.user != user or known.ended_at is not None:
            raise Refused("There is no such token of yours.", id="no-such-token")
        self._tables.tokens[id] = replace(known, ended_at=at)
        self.record("token-ended", {"user": user, "token": id}, at)
