"""Which calls of a line are offered to be recorded, where the policy says: so many in a hundred.

Nobody picks: a call is in when the HMAC of its id, under the day's seed, is below the share.
The seed is derived from the node's index key, and its hash is written to the ledger when the day begins,
before any call of it is drawn; once the seed is shown, anyone can check every draw of that day.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import date

from asterisk_gdpr.ports import Clock, LedgerBook

KIND = "sampling-seeded"


class Sampling:
    """The draws of one node; `derive` makes 16 secret bytes of a text, the same whenever it is asked."""

    def __init__(self, derive: Callable[[str], bytes], ledger: LedgerBook, clock: Clock, node: str) -> None:
        self._derive = derive
        self._ledger = ledger
        self._clock = clock
        self._node = node
        self._day: date | None = None
        self._seed = b""

    def commit_day(self) -> None:
        """Bind us to today's seed (UTC), once a day; blocks. Raises Unreachable without a register."""
        today = self._clock.now().date()
        if today == self._day:
            return
        seed = self._derive(f"{self._node} {today.isoformat()}")
        told = {"day": today.isoformat(), "node": self._node, "seed_sha256": hashlib.sha256(seed).hexdigest()}
        self._ledger.record(KIND, told, self._clock.now())
        self._day, self._seed = today, seed

    def is_in(self, call: str, share: int) -> bool:
        """Whether a call is offered; `share` is per cent. Without a committed seed nothing but 100 is."""
        if share >= 100:
            return True
        return bool(self._seed) and drawn(self._seed, call) < share


def drawn(seed: bytes, call: str) -> float:
    """Where a call falls between 0 and 100: what an auditor computes again."""
    return int.from_bytes(hmac.digest(seed, call.encode(), "sha256")[:8], "big") / 2**64 * 100
