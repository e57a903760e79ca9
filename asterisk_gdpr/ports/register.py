"""The database as a whole."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from asterisk_gdpr.ports.activity import ActivityBook
from asterisk_gdpr.ports.approvals import ApprovalBook
from asterisk_gdpr.ports.calls import CallBook
from asterisk_gdpr.ports.clips import ClipBook
from asterisk_gdpr.ports.commands import CommandBook
from asterisk_gdpr.ports.derivations import DerivationBook
from asterisk_gdpr.ports.epochs import EpochBook
from asterisk_gdpr.ports.erasures import ErasureBook
from asterisk_gdpr.ports.evaluations import EvaluationBook
from asterisk_gdpr.ports.holds import HoldBook
from asterisk_gdpr.ports.ledger import LedgerBook
from asterisk_gdpr.ports.marks import MarkBook
from asterisk_gdpr.ports.never import NeverBook
from asterisk_gdpr.ports.outbox import Outbox
from asterisk_gdpr.ports.people import AgentBook, UserBook
from asterisk_gdpr.ports.periods import ClockBook, PeriodBook
from asterisk_gdpr.ports.publications import PublicationBook
from asterisk_gdpr.ports.recorders import RecorderBook
from asterisk_gdpr.ports.recordings import RecordingBook
from asterisk_gdpr.ports.requests import RequestBook
from asterisk_gdpr.ports.rights import RightsBook
from asterisk_gdpr.ports.tokens import TokenBook
from asterisk_gdpr.ports.upkeep import Upkeep


class Register(
    CallBook,
    RecorderBook,
    RecordingBook,
    ErasureBook,
    EpochBook,
    LedgerBook,
    AgentBook,
    UserBook,
    PeriodBook,
    ClockBook,
    HoldBook,
    NeverBook,
    RightsBook,
    PublicationBook,
    RequestBook,
    Upkeep,
    ActivityBook,
    CommandBook,
    DerivationBook,
    MarkBook,
    ApprovalBook,
    EvaluationBook,
    ClipBook,
    Outbox,
    TokenBook,
    Protocol,
):
    """The database as a whole; only bootstrap handles it as one."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make several calls one transaction; nested use joins the outer one."""
        ...

    def ready(self) -> bool:
        """Whether it answers now."""
        ...

    def close(self) -> None: ...
