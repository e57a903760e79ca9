"""What people ask of calls that are going on, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.tables import calls, commands
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Command


class Commands(Book):
    """Plays `ports.CommandBook`."""

    def ask(self, command: Command, by: str) -> None:
        """Only of a call that is going on."""
        with self._database.writing() as connection:
            found = connection.execute(
                select(calls.c.ended_at).where(calls.c.id == command.call)
            ).one_or_none()
            if found is None:
                raise unknown("call", command.call)
            if found.ended_at is not None:
                raise Refused(f"Call {command.call} is over.", id="call-over")
            connection.execute(insert(commands).values(**vars(command)))
            entry = {"call": command.call, "command": command.id, "verb": command.verb, "user": by}
            append(connection, command.asked_at, "command-given", entry)

    def asked(self, node: str) -> Sequence[Command]:
        """Along the index of those that are open."""
        query = (
            select(commands)
            .join(calls, calls.c.id == commands.c.call)
            .where(commands.c.outcome == "", calls.c.node == node)
            .order_by(commands.c.asked_at, commands.c.id)
        )
        with self._database.reading() as connection:
            return [Command(**row._mapping) for row in connection.execute(query)]

    def answer(self, id: str, outcome: str, at: datetime) -> None:
        """What came of it, told to the ledger too."""
        with self._database.writing() as connection:
            command = _of(connection, id)
            if command.outcome:
                return
            connection.execute(update(commands).where(commands.c.id == id).values(outcome=outcome, agent=""))
            entry = {"call": command.call, "command": id, "outcome": outcome}
            append(connection, at, "command-answered", entry)

    def command(self, id: str) -> Command:
        """One of them."""
        with self._database.reading() as connection:
            return _of(connection, id)


def _of(connection: Connection, id: str) -> Command:
    row = connection.execute(select(commands).where(commands.c.id == id)).one_or_none()
    if row is None:
        raise unknown("command", id)
    return Command(**row._mapping)
