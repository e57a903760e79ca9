"""The part of the register in memory that keeps what people ask of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Command


class MemoryCommands:
    """Plays `ports.CommandBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any
    call: Any

    def ask(self, command: Command, by: str) -> None:
        if self.call(command.call).ended_at is not None:
            raise Refused(f"Call {command.call} is over.", id="call-over")
        self._tables.commands[command.id] = command
        entry = {"call": command.call, "command": command.id, "verb": command.verb, "user": by}
        self.record("command-given", entry, command.asked_at)

    def asked(self, node: str) -> Sequence[Command]:
        commands = self._tables.commands.values()
        return [one for one in commands if not one.outcome and self.call(one.call).node == node]

    def answer(self, id: str, outcome: str, at: datetime) -> None:
        command = self.command(id)
        if not command.outcome:
            self._tables.commands[id] = replace(command, outcome=outcome, agent="")
            entry = {"call": command.call, "command": id, "outcome": outcome}
            self.record("command-answered", entry, at)

    def command(self, id: str) -> Command:
        found = self._tables.commands.get(id)
        if found is None:
            raise Refused(f"There is no command {id}.", id="unknown-command")
        return found  # type: ignore[no-any-return]  # the tables are the register's
