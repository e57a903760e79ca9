"""The rehearsal of the loss of the page's key: what the escrow key would open, tried in memory.

Nothing is changed by it, and nothing is kept but that it was done: by whom, when, and which epochs opened.
An escrow key that nobody has tried is a hope.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from asterisk_gdpr.core.epoch import Role
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import ActivityBook, Clock, EpochBook, HardwareToken, LedgerBook, Looked, WrongPin
from asterisk_gdpr.seal.errors import WrongPassphrase
from asterisk_gdpr.seal.passphrase import DEFAULT_COST, cost_of
from asterisk_gdpr.seal.token_file import is_token_file
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.escrow_key import unlocked_by
from asterisk_gdpr.service.keys.recovery import Recovered, opened_by
from asterisk_gdpr.service.people.throttle import Throttle

TRIED = "escrow-tried"
FAILED = "escrow-try-failed"


class Book(EpochBook, LedgerBook, ActivityBook, Protocol):
    """What a rehearsal needs of the register."""


@dataclass(frozen=True)
class Copies:
    """How the escrow stands: living epochs by whether a whole copy is at hand, and when it was tried last."""

    whole: tuple[str, ...]
    lacking: tuple[str, ...]
    tried_at: datetime | None


class EscrowDrill:
    """Says how the escrow stands, and tries it."""

    def __init__(self, register: Book, files: EpochFiles, clock: Clock) -> None:
        self._register = register
        self._files = files
        self._clock = clock
        self._tries = Throttle(clock, limit=5, window=timedelta(minutes=15))
        self._one_guess = threading.Lock()  # as with the vault: each takes memory beside the calls

    def copies(self) -> Copies:
        """Which living epochs have a whole escrow copy for a recipient of the register."""
        escrow = [each for each in self._register.recipients() if each.role is Role.ESCROW]
        living = self._living()
        whole = [id for id in living if any(self._files.whole(id, each) for each in escrow)]
        tried = self._register.look_up(Looked(kind=TRIED, limit=1))
        return Copies(
            tuple(whole), tuple(id for id in living if id not in whole), tried[0].at if tried else None
        )

    def rehearse(
        self, document: bytes, passphrase: str, by: str, token: HardwareToken | None = None
    ) -> Recovered:
        """Open every escrow copy at hand by the escrow key, and forget it again; the ledger is told.

        A key that lies under a token needs that, and its PIN as the passphrase. Raises Refused
        (`wrong-passphrase`, `too-many-attempts`, `no-passphrase`, `costly-key`, `no-token`), what the token
        raises, or Damaged.
        """
        self._tries.spend(by)
        if not passphrase:
            raise Refused("The escrow key has a passphrase of its own.", id="no-passphrase")
        if not is_token_file(document) and _is_costly(document):
            raise Refused(
                "This key file asks for more memory than is spared beside calls.",
                hint="Try it elsewhere: `asterisk-gdpr keys drill`.",
                id="costly-key",
            )
        try:
            with self._one_guess:
                escrow = unlocked_by(document, passphrase, token)
        except (WrongPassphrase, WrongPin):
            self._register.record(FAILED, {"user": by}, self._clock.now())
            raise
        self._tries.forgive(by)
        found = opened_by(escrow, self._files.escrow_copies())
        living = self._living()
        result = Recovered(
            tuple(id for id in living if id in found), tuple(id for id in living if id not in found)
        )
        told = {"user": by, "epochs": list(result.opened), "missing": list(result.missing)}
        self._register.record(TRIED, told, self._clock.now())
        return result

    def _living(self) -> list[str]:
        return [epoch.id for epoch in self._register.epochs() if epoch.destroyed_at is None]


def _is_costly(document: bytes) -> bool:
    """Whether a guess of its passphrase takes more than is spared beside calls."""
    cost, most = cost_of(document), DEFAULT_COST
    return cost.memory_kib * cost.iterations > 2 * most.memory_kib * most.iterations
