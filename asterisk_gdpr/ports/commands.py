"""What people ask of calls that are going on, by another process than the one that has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Command:
    """One wish: `verb` and `outcome` are words of the call machine; an open one has no `outcome`.

    `agent` is whom a swap brings in, by our id; nobody keeps that once it is answered.
    """

    id: str
    call: str
    verb: str
    asked_at: datetime
    outcome: str = ""
    agent: str = ""


class CommandBook(Protocol):
    """Wishes that a daemon carries out, and what came of them."""

    def ask(self, command: Command, by: str) -> None:
        """Put a wish down, and tell the ledger; Refused when there is no such call, or when it is over."""
        ...

    def asked(self, node: str) -> Sequence[Command]:
        """The wishes for calls of this node that nobody has answered, in their order."""
        ...

    def answer(self, id: str, outcome: str, at: datetime) -> None:
        """What came of it, without the agent, and told to the ledger; an answer that stands is left alone."""
        ...

    def command(self, id: str) -> Command:
        """One of them; Refused when there is none of this id."""
        ...
