"""A register that was restored does again everything that was erased since, before anybody sees it.

The erasure journal says what that is. Recordings that the backup does not know need nothing: no key of them
is there. A hold keeps what it kept: only what had really been destroyed is destroyed again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from asterisk_gdpr.core.call.state import Ending
from asterisk_gdpr.core.recording import Reason, State, Tombstone
from asterisk_gdpr.core.requests import Right, Status
from asterisk_gdpr.core.rights import Restriction, RestrictionGround
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import (
    CallBook,
    Clock,
    ErasureBook,
    HoldBook,
    LedgerBook,
    RecordingBook,
    RequestBook,
    RightsBook,
    UserBook,
)
from asterisk_gdpr.service.erasing.journal import Line
from asterisk_gdpr.service.ids import new_id

RESTORED = "restored"
"""Who ended what a restored register believed to go on."""


class Book(
    CallBook, RecordingBook, ErasureBook, HoldBook, RightsBook, RequestBook, UserBook, LedgerBook, Protocol
):
    """What a replay needs of the register."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make several calls one transaction."""
        ...


@dataclass(frozen=True)
class Replayed:
    """What was done again; `left` are recordings that a hold in the backup keeps, for a person to look at."""

    destroyed: tuple[str, ...]
    ordered: tuple[str, ...]
    left: tuple[str, ...]
    purposes: int
    calls: int


def replay(register: Book, lines: Sequence[Line], nodes: Sequence[str], clock: Clock) -> Replayed:
    """Carry out what the journal tells; killed anywhere, it may be done again from the start."""
    ordered: dict[str, datetime] = {}
    destroyed: dict[str, datetime] = {}
    answered: list[str] = []
    purposes = 0
    for line in lines:
        recording = str(line.facts.get("recording", ""))
        match line.what:
            case "tombstone-set" | "tombstone-moved" if _known(register, recording):
                order(register, recording, str(line.facts.get("reason", "")), line.at)
                ordered[recording] = line.at
            case "keys-destroyed" if _known(register, recording):
                order(register, recording, "", line.at)
                destroyed[recording] = line.at
            case "purposes-ended" if _known(register, recording):
                names = [str(name) for name in _listed(line.facts.get("purposes"))]
                register.end_terms(recording, names, line.at, str(line.facts.get("by", RESTORED)))
                purposes += 1
            case "recording-restricted" if _known(register, recording):
                restrict(register, recording, str(line.facts.get("reason", RESTORED)), line.at)
            case "hold-lifted" | "hold-over":
                with contextlib.suppress(Refused):  # one that was placed after the backup
                    register.end_hold(str(line.facts.get("hold", "")), line.at, RESTORED)
            case "request-fulfilled" | "request-refused":
                answered.append(str(line.facts.get("request", "")))
                if line.what == "request-fulfilled":
                    forget(register, answered)
    left = []
    for recording in destroyed:
        try:
            register.destroy_keys(recording, clock.now())
        except Refused:  # a hold stands over it, of whose end the journal does not know
            left.append(recording)
    calls = _end_calls(register, nodes, clock)
    for user in register.users():
        register.end_sessions_of(user.name)
    return Replayed(tuple(destroyed), tuple(ordered), tuple(left), purposes, calls)


def order(register: Book, recording: str, reason: str, at: datetime) -> None:
    """Set the tombstone that was set; a reason that this release does not know is kept as a request."""
    if register.recording(recording).state is State.ERASED:
        return
    known = reason if reason in set(Reason) else Reason.REQUESTED
    register.add_tombstone(Tombstone(recording, Reason(known), at, at))


def restrict(register: Book, recording: str, reason: str, at: datetime) -> None:
    """Lock it again: a person's restriction so that no period ends it and it can be lifted, as before.

    One that was lifted since is set again: whoever may lift it is asked once more.
    """
    if reason not in set(RestrictionGround):
        register.restrict(recording, at, reason)
    elif register.recording(recording).state is not State.ERASED:
        known = {(each.ground, each.at) for each in register.restrictions(recording)}
        if (reason, at) not in known:
            register.add_restriction(Restriction(new_id("s"), recording, RestrictionGround(reason), at))


def forget(register: Book, answered: Sequence[str]) -> None:
    """The erasure that was answered last forgot who asked, and what the same number had asked before."""
    try:
        request = register.request(answered[-1])
    except Refused:  # it was opened after the backup
        return
    if request.right is not Right.ERASURE:
        return
    same = {request.id}
    if request.subject is not None:
        same |= {
            each.id
            for each in register.requests(closed=True)
            if each.subject == request.subject and (each.status is not Status.OPEN or each.id in answered)
        }
    register.forget_requests(same)


def _known(register: Book, recording: str) -> bool:
    try:
        register.recording(recording)
    except Refused:
        return False
    return True


def _end_calls(register: Book, nodes: Sequence[str], clock: Clock) -> int:
    """No call outlives its Asterisk; the number of a caller who was not recorded goes with the call."""
    count = 0
    for node in nodes:
        for call in register.calls_alive(node):
            if call.recording is None:
                register.end_call(call.id, clock.now(), Ending.UNWATCHED)
                count += 1
    return count


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
