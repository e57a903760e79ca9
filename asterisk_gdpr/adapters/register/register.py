"""All parts of the register as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo

from sqlalchemy import text

from asterisk_gdpr.adapters.register.activity import Activity
from asterisk_gdpr.adapters.register.approvals import Approvals
from asterisk_gdpr.adapters.register.calls import Calls
from asterisk_gdpr.adapters.register.clips import Clips
from asterisk_gdpr.adapters.register.commands import Commands
from asterisk_gdpr.adapters.register.database import Database
from asterisk_gdpr.adapters.register.derivations import Derivations
from asterisk_gdpr.adapters.register.epochs import Epochs
from asterisk_gdpr.adapters.register.erasures import Erasures
from asterisk_gdpr.adapters.register.evaluations import Evaluations
from asterisk_gdpr.adapters.register.holds import Holds
from asterisk_gdpr.adapters.register.ledger import Ledger
from asterisk_gdpr.adapters.register.marks import Marks
from asterisk_gdpr.adapters.register.migrate import require_current
from asterisk_gdpr.adapters.register.never import Nevers
from asterisk_gdpr.adapters.register.outbox import Outbox
from asterisk_gdpr.adapters.register.people import Agents, Users
from asterisk_gdpr.adapters.register.periods import Periods
from asterisk_gdpr.adapters.register.publications import Publications
from asterisk_gdpr.adapters.register.queues import Queues
from asterisk_gdpr.adapters.register.recorders import Recorders
from asterisk_gdpr.adapters.register.recordings import Recordings
from asterisk_gdpr.adapters.register.requests import Requests
from asterisk_gdpr.adapters.register.rights import Rights
from asterisk_gdpr.adapters.register.searches import Searches
from asterisk_gdpr.adapters.register.tokens import Tokens
from asterisk_gdpr.adapters.register.upkeep import Upkeeping
from asterisk_gdpr.errors import Unreachable


class SqlRegister(
    Calls,
    Queues,
    Recorders,
    Recordings,
    Searches,
    Erasures,
    Epochs,
    Ledger,
    Agents,
    Users,
    Holds,
    Nevers,
    Outbox,
    Publications,
    Rights,
    Requests,
    Periods,
    Upkeeping,
    Activity,
    Commands,
    Derivations,
    Marks,
    Approvals,
    Evaluations,
    Clips,
    Tokens,
):
    """Plays `ports.Register`; may be used by many threads and several processes at once."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything that this thread does to the register inside is one transaction."""
        with self._database.writing():
            yield

    def ready(self) -> bool:
        """Whether a write could begin now."""
        try:
            with self._database.writing() as connection:
                connection.execute(text("SELECT 1"))
        except Unreachable:
            return False
        return True

    def close(self) -> None:
        """Close every connection."""
        self._database.close()


def open_register(url: str, zone: tzinfo = UTC, *, patience: float = 5.0) -> SqlRegister:
    """Open a register whose schema is current.

    `zone` is whose days periods are reckoned in, `patience` how many seconds a write waits for another.
    Raises Refused (`register-url`, `register-outdated`) or Unreachable.
    """
    database = Database(url, patience)
    require_current(database)
    return SqlRegister(database, zone)
