"""The officer's digest of unusual listening, out of the listening log; that it was read is in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.core.unusual import SPAN, Heard, Limits, Unusual, unusual
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import ActivityBook, AgentBook, Clock, LedgerBook, Looked, RecordingBook, Search

_PAGE = 1000
_CHUNK = 500


class Book(ActivityBook, AgentBook, LedgerBook, RecordingBook, Protocol):
    """What the digest needs of the register."""


@dataclass(frozen=True)
class Digest:
    """What was found since a time, by which limits; `agents` are the endpoints behind `agent:…`."""

    since: datetime
    limits: Limits
    listenings: int
    found: tuple[Unusual, ...]
    agents: Mapping[str, str]


class UnusualListening:
    """Reckons the digest whenever it is asked for; nothing of it is kept."""

    def __init__(self, register: Book, policy: Callable[[], Policy], clock: Clock, zone: tzinfo) -> None:
        self._register = register
        self._policy = policy
        self._clock = clock
        self._zone = zone

    def digest(self, by: str) -> Digest:
        """Return the digest of the last week; raises Refused `no-agreement` where the policy allows none."""
        limits = self._policy().unusual_listening
        if limits is None:
            raise Refused(
                "The listening of people is not looked at without an agreement that allows it.",
                hint="It stands in the policy: unusual_listening.",
                id="no-agreement",
            )
        now = self._clock.now()
        self._register.record("digest-read", {"user": by}, now)
        since = now - SPAN
        listened = list(self._listened(since))
        persons = self._persons({recording for _, recording, _ in listened})
        heard = [
            Heard(user, recording, at.astimezone(self._zone), persons.get(recording, frozenset()))
            for user, recording, at in listened
        ]
        agents = {f"agent:{agent.id}": agent.endpoint for agent in self._register.agents()}
        return Digest(since, limits, len(heard), tuple(unusual(heard, limits)), agents)

    def _listened(self, since: datetime) -> Iterator[tuple[str, str, datetime]]:
        before = None
        while True:
            looked = Looked(kind="listened", since=since, before=before, limit=_PAGE)
            entries = self._register.look_up(looked)
            for entry in entries:
                if entry.payload is not None:
                    yield str(entry.payload["user"]), str(entry.payload["recording"]), entry.at
            if len(entries) < _PAGE:
                return
            before = entries[-1].seq

    def _persons(self, recordings: set[str]) -> dict[str, frozenset[str]]:
        """Whose voices are in them, as far as that is kept still; agents under the staff agreement alone."""
        found: dict[str, frozenset[str]] = {}
        for chunk in _chunks(sorted(recordings)):
            agents = self._register.agents_in(chunk) if self._policy().agents.agreement else {}
            for each in self._register.search(
                Search(recordings=chunk, states=frozenset(State), limit=len(chunk))
            ):
                index, id = each.call.caller_index, each.recording.id
                persons = {f"agent:{agent}" for agent in agents.get(id, ())}
                found[id] = frozenset(persons | ({f"caller:{index.hex()}"} if index else set()))
        return found


def _chunks(names: list[str]) -> Iterator[frozenset[str]]:
    for begin in range(0, len(names), _CHUNK):
        yield frozenset(names[begin : begin + _CHUNK])
