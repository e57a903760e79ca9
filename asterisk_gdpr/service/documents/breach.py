"""The breach kit (Art. 33, 34): which calls, which people, which keys, whether anything could be read.

Facts for the notification and for the controller's judgement, within the 72 hours that the law gives. What
existed when it happened and was erased since is named too, as far as the register and the certificates know
it: a copy that was made before still holds it. Whose numbers they are is told only to who has the vault's
passphrase, and the ledger has it before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from asterisk_gdpr.core.breach import Exposed, due, reach
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import (
    AgentBook,
    CallRow,
    Clock,
    EpochBook,
    ErasureBook,
    Found,
    LedgerBook,
    RecordingBook,
    RequestBook,
    Search,
    UserBook,
)
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.proof.certificates import read_certificate

_page = 500

_THERE = frozenset({State.PREPARED, State.CAPTURING, State.SEALED, State.ERASING})
"""The states in which something of a recording exists."""

_GONE = frozenset({State.ERASED})

OpenCaller = Callable[[CallRow], str | None]


class Book(RecordingBook, ErasureBook, EpochBook, LedgerBook, RequestBook, AgentBook, UserBook, Protocol):
    """What the kit needs of the register."""


@dataclass(frozen=True)
class Scope:
    """Which recordings are concerned, and since when it is known; empty fields do not narrow.

    `happened_at` is when it began, as far as that is known; else no earlier than it was noticed.
    """

    exposed: frozenset[Exposed]
    noticed_at: datetime
    happened_at: datetime | None = None
    line: str = ""
    since: datetime | None = None
    until: datetime | None = None


class BreachKit:
    """Gathers the facts of a breach."""

    def __init__(
        self,
        register: Book,
        clock: Clock,
        day: Callable[[datetime], str],
        verify_keys: Sequence[VerifyKey],
    ) -> None:
        """`day` writes a time as people read it; `verify_keys` verify certificates."""
        self._register = register
        self._verify_keys = verify_keys
        self._clock = clock
        self._day = day

    def facts(self, scope: Scope, *, open_caller: OpenCaller | None = None, by: str = "") -> dict[str, Any]:
        """Everything that the kit says; with `open_caller`, whose numbers are concerned, told to the ledger.

        Raises Refused (`nothing-exposed`, `not-yet`, `noticed-before`).
        """
        now = self._clock.now()
        if not scope.exposed:
            raise Refused("A breach exposed something: name it.", id="nothing-exposed")
        if scope.noticed_at > now:
            raise Refused("What was noticed was noticed before now.", id="not-yet")
        began = scope.happened_at or scope.noticed_at
        if began > scope.noticed_at:
            raise Refused("What was noticed had begun by then.", id="noticed-before")
        found = list(self._concerned(scope, _THERE))
        erased = [each for each in self._concerned(scope, _GONE) if self._was_there(each, began)]
        ends = due(scope.noticed_at)
        left = (ends - now).total_seconds() / 3600
        return {
            "exposed": sorted(str(each) for each in scope.exposed),
            "reach": {**asdict(reach(scope.exposed)), "unintelligible": reach(scope.exposed).unintelligible},
            "noticed_at": self._day(scope.noticed_at),
            "happened_at": scope.happened_at and self._day(scope.happened_at),
            "due_at": self._day(ends),
            "hours_left": max(0, int(left)),
            "overdue": left < 0,
            "recordings": [self._recording(each) for each in found],
            "callers": len({each.call.caller_index for each in found if each.call.caller_index}),
            "unknown_callers": sum(each.call.caller_index is None for each in found),
            "erased": [self._erased(each) for each in erased],
            "private_keys": self._private_keys(began),
            "epochs": sorted({key.epoch for each in found for key in self._register.keys(each.recording.id)}),
            "exports": self._exports(scope),
            **self._words(),
            "people": self._people(found, open_caller, by) if open_caller else None,
        }

    def _words(self) -> dict[str, int]:
        """How many people stand in the register with words or a name, which are not sealed there."""
        requests = self._register.requests(closed=True)
        return {
            "with_words": sum(bool(each.contact or each.asked) for each in requests),
            "agents": sum(bool(each.endpoint) for each in self._register.agents()),
            "users": len(self._register.users()),
        }

    def _concerned(self, scope: Scope, states: frozenset[State]) -> Iterator[Found]:
        before: tuple[datetime, str] | None = None
        while True:
            search = Search(
                line=scope.line,
                states=states,
                since=scope.since,
                until=scope.until,
                before=before,
                limit=_page,
            )
            page = self._register.search(search)
            yield from page
            if len(page) < _page:
                return
            before = (page[-1].recording.created_at, page[-1].recording.id)

    def _was_there(self, found: Found, began: datetime) -> bool:
        """Whether something of what is erased now existed when it began, or came to be afterwards."""
        tombstone = self._register.tombstone(found.recording.id)
        return tombstone is None or tombstone.done_at is None or tombstone.done_at >= began

    def _erased(self, found: Found) -> dict[str, Any]:
        """What the register and the certificate still know of it; whose it was nobody knows any more."""
        recording = found.recording
        tombstone = self._register.tombstone(recording.id)
        certificate = self._register.certificate(recording.id)
        proven = read_certificate(certificate, self._verify_keys) if certificate else {}
        keys: Any = proven.get("keys", [])
        return {
            "id": recording.id,
            "call": recording.call,
            "line": recording.line,
            "at": self._day(recording.created_at),
            "seconds": round(recording.frames / recording.rate),
            "erased_at": self._day(tombstone.done_at) if tombstone and tombstone.done_at else "",
            "reason": str(tombstone.reason) if tombstone else "",
            "keys": [{**key, "sha256": str(key["sha256"])[:16]} for key in keys],
        }

    def _private_keys(self, began: datetime) -> list[dict[str, Any]]:
        """The key pairs of the vault that lived since it began, and whether their private half still does."""
        return [
            {
                "id": epoch.id,
                "began_at": self._day(epoch.began_at),
                "destroyed_at": epoch.destroyed_at and self._day(epoch.destroyed_at),
            }
            for epoch in self._register.epochs()
            if epoch.destroyed_at is None or epoch.destroyed_at >= began
        ]

    def _recording(self, found: Found) -> dict[str, Any]:
        recording = found.recording
        return {
            "id": recording.id,
            "call": recording.call,
            "line": recording.line,
            "at": self._day(recording.created_at),
            "seconds": round(recording.frames / recording.rate),
            "purposes": [term.purpose for term in found.terms],
            "keys": [
                {
                    "generation": key.generation,
                    "epoch": key.epoch,
                    "sha256": hashlib.sha256(key.wrapped).hexdigest()[:16],
                }
                for key in self._register.keys(recording.id)
            ],
        }

    def _exports(self, scope: Scope) -> list[dict[str, Any]]:
        """What was ever handed out as plaintext, as far as the ledger still tells it."""
        if Exposed.EXPORTS not in scope.exposed:
            return []
        found, after = [], 0
        while entries := self._register.entries(after, _page):
            found += [
                {"recording": payload["recording"], "at": self._day(entry.at)}
                for entry in entries
                if entry.kind in ("exported", "given") and (payload := entry.payload) is not None
            ]
            after = entries[-1].seq
        return found

    def _people(self, found: Sequence[Found], open_caller: OpenCaller, by: str) -> list[dict[str, Any]]:
        told = {"user": by, "recordings": len(found)}
        self._register.record("breach-people-listed", told, self._clock.now())
        calls: dict[str, list[CallRow]] = {}
        for each in found:
            number = open_caller(each.call)
            if number is not None:
                calls.setdefault(number, []).append(each.call)
        return [
            {"number": number, "recordings": len(theirs), "language": theirs[0].language}
            for number, theirs in sorted(calls.items())
        ]
