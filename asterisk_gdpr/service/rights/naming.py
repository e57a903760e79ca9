"""Which recordings a person means: by number, receipt, reference, agent, line and time, whatever they know.

All that is said must be so of a recording. What was erased is not among them; what is held or restricted is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.receipt import is_code
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import AgentBook, CallBook, CallRow, DerivationBook, RecordingBook, Search
from asterisk_gdpr.service.listening.library import Library
from asterisk_gdpr.service.people.agents import Agents
from asterisk_gdpr.service.rights.receipts import Receipts
from asterisk_gdpr.service.rights.references import References

MOST = 200
"""More recordings than one answer can be about: whoever asks narrows."""

THERE = frozenset(State) - {State.ERASED}


class Book(RecordingBook, DerivationBook, CallBook, AgentBook, Protocol):
    """What this needs of the register."""


@dataclass(frozen=True)
class Said:
    """What a person says of the calls that they mean; empty fields do not narrow."""

    number: str = ""
    receipt: str = ""
    reference: str = ""
    agent: str = ""
    call: str = ""
    """A call by our id, or by Asterisk's uniqueid or linkedid."""
    line: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Naming:
    """Finds what is meant; `agreement` tells the staff agreement's id, without which nobody asks by agent."""

    def __init__(
        self,
        register: Book,
        library: Library,
        receipts: Receipts,
        references: References,
        agents: Agents,
        agreement: Callable[[], str],
    ) -> None:
        self._register = register
        self._library = library
        self._receipts = receipts
        self._references = references
        self._agents = agents
        self._agreement = agreement

    def search(self, said: Said) -> Search:
        """What to search for; raises Refused as `recordings`, but `nothing-found`."""
        among: frozenset[str] | None = None
        if said.receipt:
            among = self._both(among, [self._of_receipt(said.receipt)])
        if said.reference:
            among = self._both(among, self._references.calls_of(said.reference))
        if said.call:
            among = self._both(among, self._called(said.call))
        return Search(
            recordings=among,
            agent=self._agents.looked_for(said.agent, self._agreement()) if said.agent else "",
            caller_index=self._library.index_of(said.number) if said.number else None,
            line=said.line,
            since=said.since,
            until=said.until,
            states=THERE,
            limit=MOST + 1,
        )

    def recordings(self, said: Said) -> list[str]:
        """The recordings that are meant, newest first.

        Raises Refused: `not-a-number`, `not-a-receipt`, `not-a-reference`, `no-agreement`, `no-such-agent`,
        `nobody-named`, `nothing-found`, `too-many-found`.
        """
        if said == Said():
            raise Refused("Say by what they are to be found.", id="nobody-named")
        found = self._register.search(self.search(said))
        if not found:
            raise Refused(
                "No recording is known by this.",
                hint="What was erased cannot be found any more.",
                id="nothing-found",
            )
        if len(found) > MOST:
            raise Refused(
                f"More than {MOST} recordings are known by this.",
                hint="Say more: a line, a shorter time, a number.",
                id="too-many-found",
            )
        return [each.recording.id for each in found]

    def _of_receipt(self, typed: str) -> CallRow | None:
        code = "".join(typed.split())
        if not is_code(code):
            raise Refused(
                "This is not the code of a call.",
                hint="It has ten digits, of which the last one proves the others.",
                id="not-a-receipt",
            )
        return self._receipts.call_of(code)

    def _called(self, id: str) -> list[CallRow | None]:
        """The legs of one call share Asterisk's linkedid."""
        found = [*self._register.calls(linkedid=id), self._register.call_by_channel(id)]
        if any(found):
            return found
        with contextlib.suppress(Refused):
            found = [self._register.call(id)]
        return found

    def _both(self, among: frozenset[str] | None, calls: Sequence[CallRow | None]) -> frozenset[str]:
        """The recordings of these calls, those that were made of them too, among those that are left."""
        theirs = frozenset(
            each.id
            for call in calls
            if call is not None
            for each in self._register.recordings_of_call(call.id)
        )
        return theirs if among is None else among & theirs
