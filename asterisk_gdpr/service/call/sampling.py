"""Which calls of a line are offered to be recorded, where the policy says: so many in a hundred.

Nobody picks: a call is in when the HMAC of its id, under the day's seed, is below the share.
The seed is derived from the node's index key, and its hash is written to the ledger when the day begins,
before any call of it is drawn; the evidence of each call says of which day its draw was, and what the share.
Once the day is over its seed is shown (`ledger draws`), and anyone can check every draw of it: `draws_of`.
What cannot be shown is that no id was thrown away: an id is made before it is drawn, and drawn once.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from asterisk_gdpr.core.call.state import Outcome
from asterisk_gdpr.core.ledger import Entry
from asterisk_gdpr.ports import Clock, Evidence, LedgerBook

KIND = "sampling-seeded"

Derive = Callable[[str], bytes]
"""A text → 16 secret bytes, the same whenever it is asked."""

_NOT_DRAWN = frozenset({Outcome.EXEMPT, Outcome.NEVER, Outcome.UNAVAILABLE, Outcome.SHADOW})
"""What settles a call before its draw counts."""


@dataclass(frozen=True)
class Draw:
    """One draw: by the seed of which day (empty: none was committed), and what the line's share was."""

    day: str
    share: int
    is_in: bool

    def facts(self) -> dict[str, object]:
        """What the evidence of the call's choice says of it."""
        return {"day": self.day, "share": self.share, "offered": self.is_in}


class Sampling:
    """The draws of one node."""

    def __init__(self, derive: Derive, ledger: LedgerBook, clock: Clock, node: str) -> None:
        self._derive = derive
        self._ledger = ledger
        self._clock = clock
        self._node = node
        self._bound = ("", b"")
        """Day and seed that we are bound to; one value, since a thread changes it while calls are drawn."""

    def commit_day(self) -> None:
        """Bind us to today's seed (UTC), once a day; blocks. Raises Unreachable without a register."""
        today = self._clock.now().date().isoformat()
        if today == self._bound[0]:
            return
        seed = seed_of(self._derive, self._node, today)
        told = {"day": today, "node": self._node, "seed_sha256": hashlib.sha256(seed).hexdigest()}
        self._ledger.record(KIND, told, self._clock.now())
        self._bound = today, seed

    def draw(self, call: str, share: int) -> Draw | None:
        """Whether a call is offered; None where every call is. Without a committed seed none is."""
        if share >= 100:
            return None
        day, seed = self._bound
        return Draw(day, share, bool(seed) and drawn(seed, call) < share)


def seed_of(derive: Derive, node: str, day: str) -> bytes:
    """The seed of a node's day: secret until the day is over."""
    return derive(f"{node} {day}")


def drawn(seed: bytes, call: str) -> float:
    """Where a call falls between 0 and 100: what an auditor computes again."""
    return int.from_bytes(hmac.digest(seed, call.encode(), "sha256")[:8], "big") / 2**64 * 100


@dataclass(frozen=True)
class Checked:
    """A call's draw, computed again: where it fell, and whether what became of the call accords with it."""

    call: str
    share: int
    drawn: float
    offered: bool
    choice: str
    fits: bool


@dataclass(frozen=True)
class Draws:
    """All draws of a day: the seed, whether it is the one that was committed before them, and each call."""

    day: str
    seed: str
    committed_at: str
    committed_first: bool
    calls: tuple[Checked, ...]

    @property
    def ok(self) -> bool:
        """Nobody was picked, and nobody left out."""
        return self.committed_first and all(call.fits for call in self.calls)


def draws_of(
    day: date, node: str, seed: bytes, entries: Iterable[Entry], evidence: Callable[[str], Evidence | None]
) -> Draws:
    """Check a day's draws: by the ledger's entries, and the evidence of each call that was drawn."""
    committed: Entry | None = None
    first_drawn = 0
    calls: list[Checked] = []
    text = day.isoformat()
    for entry in entries:
        payload = entry.payload or {}
        if entry.kind == KIND and (payload.get("day"), payload.get("node")) == (text, node):
            committed = committed or entry
        elif entry.kind == "choice-made":
            found = evidence(str(payload.get("call")))
            for checked in _checked(found, text, seed) if found else ():
                first_drawn = first_drawn or entry.seq
                calls.append(checked)
    fits = (
        committed is not None
        and (committed.payload or {}).get("seed_sha256") == hashlib.sha256(seed).hexdigest()
    )
    before = committed is not None and (not first_drawn or committed.seq < first_drawn)
    at = "" if committed is None else committed.at.isoformat()
    return Draws(text, seed.hex(), at, fits and before, tuple(dict.fromkeys(calls)))


def _checked(evidence: Evidence, day: str, seed: bytes) -> Iterator[Checked]:
    facts = evidence.facts.get("draw")
    if not isinstance(facts, dict) or facts.get("day") != day:
        return
    share, value = int(facts["share"]), drawn(seed, evidence.call)
    offered = value < share
    sampled_out = evidence.outcome == Outcome.SAMPLED_OUT
    fits = facts["offered"] == offered and (evidence.outcome in _NOT_DRAWN or sampled_out is not offered)
    yield Checked(evidence.call, share, round(value, 6), offered, evidence.outcome, fits)
