"""The roles that the services need played, each as small as its users need, named for the role.

Adapters play them against the real thing; `tests/fakes` plays them in memory, and one contract suite
runs on both. Every method that can fail because the thing behind it is away raises `Unreachable`;
a thing that is not there raises `Refused`.
Methods of the register, the vault and the spool block and are called from worker threads;
the telephone exchange's are coroutines.
Each family of roles has a module of its own; they are imported from here.
"""

from asterisk_gdpr.ports.activity import ActivityBook, Looked, Tally
from asterisk_gdpr.ports.approvals import Approval, ApprovalBook
from asterisk_gdpr.ports.calls import CallBook, CallRow, Evidence
from asterisk_gdpr.ports.clips import ClipBook
from asterisk_gdpr.ports.clock import Clock, Uptime
from asterisk_gdpr.ports.commands import Command, CommandBook
from asterisk_gdpr.ports.derivations import DerivationBook
from asterisk_gdpr.ports.epochs import EpochBook
from asterisk_gdpr.ports.erasures import ErasureBook
from asterisk_gdpr.ports.evaluations import EvaluationBook
from asterisk_gdpr.ports.exchange import Arrival, Exchange, Reports, Way
from asterisk_gdpr.ports.holds import HoldBook
from asterisk_gdpr.ports.ledger import LedgerBook
from asterisk_gdpr.ports.marks import Mark, MarkBook, SavedSearch
from asterisk_gdpr.ports.never import NeverBook
from asterisk_gdpr.ports.outbox import Outbox, Waiting
from asterisk_gdpr.ports.people import Agent, AgentBook, User, UserBook
from asterisk_gdpr.ports.periods import ClockBook, Deadline, PeriodBook, Shortening, Watched
from asterisk_gdpr.ports.recorders import By, Recorder, RecorderBook, RecorderRow
from asterisk_gdpr.ports.recordings import Found, RecordingBook, Search
from asterisk_gdpr.ports.register import Register
from asterisk_gdpr.ports.requests import RequestBook
from asterisk_gdpr.ports.rights import RightsBook
from asterisk_gdpr.ports.speech import Speech
from asterisk_gdpr.ports.stores import (
    ContainerLocked,
    LayeredVault,
    Legs,
    LockingStore,
    Spool,
    Store,
    Vault,
)
from asterisk_gdpr.ports.token import Token as HardwareToken
from asterisk_gdpr.ports.token import WrongPin
from asterisk_gdpr.ports.tokens import Token, TokenBook
from asterisk_gdpr.ports.upkeep import SILENT, Alarm, Upkeep

__all__ = [
    "SILENT",
    "ActivityBook",
    "Agent",
    "AgentBook",
    "Alarm",
    "Approval",
    "ApprovalBook",
    "Arrival",
    "By",
    "CallBook",
    "CallRow",
    "ClipBook",
    "Clock",
    "ClockBook",
    "Command",
    "CommandBook",
    "ContainerLocked",
    "Deadline",
    "DerivationBook",
    "EpochBook",
    "ErasureBook",
    "EvaluationBook",
    "Evidence",
    "Exchange",
    "Found",
    "HardwareToken",
    "HoldBook",
    "LayeredVault",
    "LedgerBook",
    "Legs",
    "LockingStore",
    "Looked",
    "Mark",
    "MarkBook",
    "NeverBook",
    "Outbox",
    "PeriodBook",
    "Recorder",
    "RecorderBook",
    "RecorderRow",
    "RecordingBook",
    "Register",
    "Reports",
    "RequestBook",
    "RightsBook",
    "SavedSearch",
    "Search",
    "Shortening",
    "Speech",
    "Spool",
    "Store",
    "Tally",
    "Token",
    "TokenBook",
    "Upkeep",
    "Uptime",
    "User",
    "UserBook",
    "Vault",
    "Waiting",
    "Watched",
    "Way",
    "WrongPin",
]
