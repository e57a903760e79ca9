"""What the register keeps of periods other than recordings': one row for each clock that runs.

A kind of data is a field of `core.policy.Keep`; what of it is overwritten, the register knows by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.clock_watch import Seen
from asterisk_gdpr.core.policy import Period


@dataclass(frozen=True)
class Deadline:
    """A clock: which datum of which kind, since when it runs, and when it ends (None: not reckoned yet).

    `begun_at` is where the period is counted from; `policy` the version by whose rule (empty: the one in
    force).
    """

    kind: str
    of: str
    begun_at: datetime
    policy: str = ""
    ends_at: datetime | None = None
    made_at: datetime | None = None
    """When the datum came to be, where that is before its clock began."""


@dataclass(frozen=True)
class Shortening:
    """A rule that a person has let reach what existed at a time: of this kind nothing of it lives longer."""

    kind: str
    at: datetime
    keep: Period


class PeriodBook(Protocol):
    """Deadlines of every kind of data but recordings, and their end."""

    def undated(self, limit: int) -> list[Deadline]:
        """Clocks that run and whose end is not reckoned yet."""
        ...

    def set_deadlines(self, dated: Iterable[Deadline]) -> None:
        """Write the ends; one that has its end keeps it."""
        ...

    def data_due(self, now: datetime, limit: int) -> list[Deadline]:
        """What is due, longest due first."""
        ...

    def count_deadlines(self, due_at: datetime | None = None) -> Mapping[str, int]:
        """How many clocks run, by kind; with a time, only those that have ended by then."""
        ...

    def overwrite(self, deadlines: Sequence[Deadline]) -> None:
        """Overwrite the data in place; what is overwritten already stays so. The clocks go on to stand."""
        ...

    def close_deadlines(self, deadlines: Sequence[Deadline], at: datetime) -> None:
        """The data is gone from the journal too: forget the clocks, and tell the ledger how many."""
        ...

    def deadlines(self, kind: str, after: str, limit: int) -> list[Deadline]:
        """A page of the clocks of a kind, by what they are of, from the one after `after` on."""
        ...

    def bring_forward(self, dated: Iterable[Deadline]) -> None:
        """Write earlier ends; an end is never put off, and a clock without one is left alone."""
        ...

    def add_shortening(self, rule: Shortening, count: int, policy: str) -> None:
        """Keep the rule for what has no clock yet; the ledger has how much it reached, and the policy."""
        ...

    def shortenings(self) -> list[Shortening]: ...
    def count_waiting(self, made_after: datetime | None = None) -> Mapping[str, Mapping[str, int]]:
        """Data of calls whose clock has not begun: by the call's policy, how many of each kind."""
        ...

    def claim(self, work: str, node: str, now: datetime, until: datetime) -> bool:
        """Whether the work is this node's until then; False while another one has it."""
        ...


@dataclass(frozen=True)
class Watched:
    """A node's clock: as it was last believed, and since when it is not (None: it is)."""

    node: str
    seen: Seen
    doubted_at: datetime | None = None
    """What the clock said when it was found to have jumped."""


class ClockBook(Protocol):
    """When each node's clock was last seen to be right."""

    def watched(self, node: str) -> Watched | None: ...
    def watch(self, watched: Watched) -> None: ...
