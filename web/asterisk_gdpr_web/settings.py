"""What the page is given: the services that it works with, and how it is set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import current_app

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import Reason
from asterisk_gdpr.ports import (
    ActivityBook,
    AgentBook,
    ApprovalBook,
    CallBook,
    ClipBook,
    Clock,
    CommandBook,
    EpochBook,
    ErasureBook,
    EvaluationBook,
    HoldBook,
    LedgerBook,
    MarkBook,
    NeverBook,
    PeriodBook,
    RecorderBook,
    RecordingBook,
    RequestBook,
    RightsBook,
    Upkeep,
)
from asterisk_gdpr.ports.provider import Provider
from asterisk_gdpr.service.erasing.erasure import Item
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.listening.dossier import Dossiers
from asterisk_gdpr.service.listening.exports import Exports
from asterisk_gdpr.service.listening.library import Library
from asterisk_gdpr.service.listening.playback import Listening
from asterisk_gdpr.service.listening.waveform import Waveforms
from asterisk_gdpr.service.people.accounts import Accounts
from asterisk_gdpr.service.people.tokens import Tokens
from asterisk_gdpr.service.proof.recordings import Verified
from asterisk_gdpr.service.rights.agent_copies import AgentCopies
from asterisk_gdpr.service.rights.packages import Packages
from asterisk_gdpr_web.office import Office


class Book(
    CallBook,
    ClipBook,
    EvaluationBook,
    CommandBook,
    RecordingBook,
    ErasureBook,
    LedgerBook,
    Upkeep,
    ActivityBook,
    MarkBook,
    NeverBook,
    ApprovalBook,
    AgentBook,
    HoldBook,
    RequestBook,
    EpochBook,
    PeriodBook,
    RightsBook,
    RecorderBook,
    Protocol,
):
    """What the page itself reads in the register, and the ledger that it tells."""


@dataclass(frozen=True)
class Services:
    """What the pages need; `policy` returns the policy in force."""

    accounts: Accounts
    keeper: Keeper
    listening: Listening
    library: Library
    register: Book
    policy: Callable[[], Policy]
    clock: Clock
    waveforms: Waveforms
    exports: Exports
    verify: Callable[[str], Verified]
    """Proves that a recording is what was sealed; opens its manifest too while the vault is unlocked."""
    erase: Callable[[str, Reason, bool], Item]
    """Erases one recording, or (True) only says what would come of it."""
    office: Office
    tokens: Tokens
    rooms: Callable[[], Mapping[str, int]]
    """The per cent that are free of each place where something is kept: `vault`, `register`."""
    packages: Callable[[], Packages]
    """Puts together the copies that data subjects are given."""
    dossiers: Dossiers
    """Puts a recording together with everything that vouches for it."""
    agent_copies: Callable[[], AgentCopies]
    """Puts together the copies that those who take calls are given."""
    provider: Provider | None = None
    """Where people may sign in instead of by password."""


@dataclass(frozen=True)
class Settings:
    """How the page is set up."""

    secret_key: bytes
    """Signs the form tokens; at least 32 bytes. A new one makes open forms invalid, nothing else."""

    zone: ZoneInfo
    """Whose local time is shown and typed."""

    https: bool = False
    """Whether people reach the page by https: cookies are then sent by https only, and HSTS is set."""

    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """The names by which people reach the page; a request under any other is refused."""

    proxies: int = 0
    """How many reverse proxies stand before the page; their X-Forwarded headers are believed, no others."""

    languages: tuple[str, ...] = ("en", "de")
    """In which the page can speak; the first is taken where the browser names none of them."""

    provider: str = ""
    """What the organisation calls its own sign-in; empty where there is none."""


EXTENSION = "asterisk-gdpr"


@dataclass(frozen=True)
class Setup:
    """Both together, as the app carries them."""

    services: Services
    settings: Settings


def services() -> Services:
    """Return the services of the app that answers now."""
    return _setup().services


def settings() -> Settings:
    """Return the settings of the app that answers now."""
    return _setup().settings


def _setup() -> Setup:
    setup: Setup = current_app.extensions[EXTENSION]
    return setup
