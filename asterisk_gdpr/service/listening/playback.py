"""Listening to a recording: by whom, under which purpose, for which reason, and told to the ledger first.

A listener acts under one purpose of the recording that names their role, and says why they listen.
The policy in force decides who may, not the one of the call: what a controller takes back is taken back.
A restriction, a tombstone and an ended purpose stop a listening that is under way, not only the next one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from asterisk_gdpr.core.holds import Hold
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import Occasion, State, Term
from asterisk_gdpr.core.retention import living
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import (
    Alarm,
    ApprovalBook,
    Clock,
    ErasureBook,
    Found,
    HoldBook,
    LedgerBook,
    RecordingBook,
    Upkeep,
    Vault,
)
from asterisk_gdpr.seal.layout import Scan
from asterisk_gdpr.service.keys.keeper import Keeper, VaultLocked
from asterisk_gdpr.service.listening.sound import Sound, Span, missing, survey
from asterisk_gdpr.service.people.accounts import NO_EAR

ONE_LISTENING = timedelta(minutes=30)
"""Ranges of one recording read by one person within this time are one listening, one ledger entry."""

_CHECK_EVERY = timedelta(seconds=1)


@dataclass(frozen=True)
class Listener:
    """A person at the page: their roles, and the session that they work in."""

    name: str
    roles: frozenset[str]
    session: str
    lines: frozenset[str] = frozenset()
    """The lines that they deal with; none named: every line."""


@dataclass(frozen=True)
class Review:
    """What a person declares before listening: for which purpose, or under which hold, and why."""

    purpose: str
    """A purpose's name, or a hold's id."""
    reason: Occasion


class Book(RecordingBook, ErasureBook, HoldBook, LedgerBook, Upkeep, ApprovalBook, Protocol):
    """What listening needs of the register."""


def listenable(policy: Policy, roles: frozenset[str]) -> frozenset[str]:
    """Return the purposes of the policy in force under which these roles may listen."""
    if NO_EAR in roles:
        return frozenset()
    return frozenset(name for name, purpose in policy.purposes.items() if purpose.listeners & roles)


def naming(roles: frozenset[str], holds: Iterable[Hold]) -> frozenset[str]:
    """Return the ids of the standing holds that name one of these roles as a listener."""
    if NO_EAR in roles:
        return frozenset()
    return frozenset(hold.id for hold in holds if hold.stands and hold.listeners & roles)


def living_purposes(terms: Iterable[Term], now: datetime) -> frozenset[str]:
    """Return the names of the purposes that a recording exists for now."""
    return frozenset(term.purpose for term in living(terms, now))


@dataclass
class _Open:
    """A listening under way."""

    sound: Sound
    since: datetime


class Listening:
    """Opens recordings for people; `policy` returns the policy in force."""

    def __init__(
        self, register: Book, vault: Vault, keeper: Keeper, policy: Callable[[], Policy], clock: Clock
    ) -> None:
        self._register = register
        self._vault = vault
        self._keeper = keeper
        self._policy = policy
        self._clock = clock
        self._under_way: dict[tuple[str, str, Review], _Open] = {}
        self._lock = threading.Lock()

    def open(self, recording: str, listener: Listener, review: Review) -> Sound:
        """Return the recording as a WAV view, after the ledger has the listening.

        Raises Refused: `not-entitled`, `needs-approval`, `restricted`, `erased`, `not-sealed`,
        `purpose-ended`, `vault-locked`, `container-missing`; or Unreachable.
        """
        found = self.check(recording, listener, review)
        now = self._clock.now()
        key = (listener.session, recording, review)
        with self._lock:
            self._under_way = {k: o for k, o in self._under_way.items() if now - o.since < ONE_LISTENING}
            if key not in self._under_way:
                sound = self._sound(found, listener, review)
                told = {
                    "user": listener.name,
                    "recording": recording,
                    "purpose": review.purpose,
                    "reason": review.reason.value,
                }
                self._register.record("listened", told, now)
                self._under_way[key] = _Open(sound, now)
            return self._under_way[key].sound

    def check(self, recording: str, listener: Listener, review: Review) -> Found:
        """Return the recording if this person may hear it now under this review; raises Refused as `open`."""
        found = self._register.found(recording)
        hold = next((h for h in self._register.holds_of(recording) if h.id == review.purpose), None)
        if hold is not None:
            self._check_held(found, hold, listener)
            return found
        self.check_openable(found)
        policy = self._policy()
        if review.purpose not in listenable(policy, listener.roles):
            raise Refused("You are not among the listeners of this purpose.", id="not-entitled")
        if listener.lines and found.recording.line not in listener.lines:
            raise Refused("This line is not among those that you deal with.", id="not-entitled")
        if review.purpose not in living_purposes(found.terms, self._clock.now()):
            raise Refused("The recording is not kept for this purpose, or no longer.", id="purpose-ended")
        if policy.purposes[review.purpose].second_person:
            self._require_approval(recording, listener, {review.purpose})
        if not self._keeper.unlocked:
            raise VaultLocked
        return found

    def check_taken_out(self, found: Found, listener: Listener) -> None:
        """Raise Refused `needs-approval` where a second person must approve before somebody takes a copy.

        So it is where every purpose that they may hear it for (or, who oversees, that it lives for) wants it.
        """
        purposes, alive = self._policy().purposes, living_purposes(found.terms, self._clock.now())
        theirs = (listenable(self._policy(), listener.roles) & alive) or alive
        if theirs and all(name in purposes and purposes[name].second_person for name in theirs):
            self._require_approval(found.recording.id, listener, theirs)

    def _require_approval(self, recording: str, listener: Listener, purposes: Set[str]) -> None:
        now = self._clock.now()
        for one in self._register.approvals(recording, listener.name):
            if one.granted and one.purpose in purposes and one.ends_at is not None and now < one.ends_at:
                return
        raise Refused(
            "A second person must approve this listening first.",
            hint="Ask for it on the recording's page.",
            id="needs-approval",
        )

    def _check_held(self, found: Found, hold: Hold, listener: Listener) -> None:
        """Under a hold those whom it names may hear even what is restricted or due (Art. 18(2))."""
        if not naming(listener.roles, [hold]):
            raise Refused("You are not among the listeners of this hold.", id="not-entitled")
        if listener.lines and found.recording.line not in listener.lines:
            raise Refused("This line is not among those that you deal with.", id="not-entitled")
        self.check_kept(found)
        if not self._keeper.unlocked:
            raise VaultLocked

    def check_kept(self, found: Found) -> None:
        """Raise Refused `not-sealed` while a recording is not closed, whoever asks."""
        if found.recording.state in (State.PREPARED, State.CAPTURING):
            raise Refused("The call is still going on, or its recording is not closed yet.", id="not-sealed")

    def check_openable(self, found: Found) -> None:
        """Raise Refused if nobody may hear this recording now: `erased`, `restricted`, `not-sealed`."""
        recording = found.recording
        if recording.state in (State.ERASING, State.ERASED) or self._register.tombstone(recording.id):
            raise Refused("This recording has been erased, or is being erased.", id="erased")
        if recording.restricted:
            raise Refused("This recording is restricted: nobody may listen to it now.", id="restricted")
        if recording.state is not State.SEALED:
            raise Refused("The call is still going on, or its recording is not closed yet.", id="not-sealed")

    def view(self, recording: str, listener: Listener, review: Review) -> Sound:
        """Return a sound to be looked at, not played; who asks has told the ledger. Raises as `open`."""
        return self._sound(self.check(recording, listener, review), listener, review)

    def missing(self, recording: str) -> tuple[Span, ...]:
        """Say which part of a recording its container does not hold; needs no key and opens nothing."""
        frames = self._register.recording(recording).frames
        return missing(self._scan(recording), frames)

    def close(self, session: str) -> None:
        """Forget what a session has open: it ended."""
        with self._lock:
            self._under_way = {k: o for k, o in self._under_way.items() if k[0] != session}

    def _read(self, recording: str, offset: int, length: int) -> bytes:
        """Read the container; one that an erasure has just taken away is erased, and not unreachable."""
        try:
            return self._vault.read(recording, offset, length)
        except Unreachable:
            if self._register.tombstone(recording) and not self._register.holds_of(recording):
                raise Refused("This recording has been erased.", id="erased") from None
            raise

    def _scan(self, recording: str) -> Scan:
        size = self._vault.size(recording)
        if size is None:
            raise Refused("The recording's container is not in the vault.", id="container-missing")
        return survey(lambda offset, length: self._read(recording, offset, length), size)

    def _sound(self, found: Found, listener: Listener, review: Review) -> Sound:
        recording = found.recording.id
        scan = self._scan(recording)
        generations = {place.generation for place in scan.segments}
        return Sound(
            lambda offset, length: self._read(recording, offset, length),
            scan,
            found.recording.frames,
            data_keys={number: self._keeper.data_key(recording, number) for number in sorted(generations)},
            check=self._every_second(lambda: self.check(recording, listener, review)),
            damaged=lambda span: self._report(recording, span),
        )

    def _every_second(self, check: Callable[[], object]) -> Callable[[], None]:
        """Ask at most once a second: a listening reads many segments in a row."""
        asked_at = self._clock.now()

        def ask() -> None:
            nonlocal asked_at
            now = self._clock.now()
            if now - asked_at >= _CHECK_EVERY:
                check()
                asked_at = now

        return ask

    def _report(self, recording: str, span: Span) -> None:
        message = (
            f"Audio from {span.start:.1f} s to {span.end:.1f} s was changed or damaged: it does not open."
        )
        self._register.raise_alarm(Alarm("recording-damaged", recording, self._clock.now(), message))
