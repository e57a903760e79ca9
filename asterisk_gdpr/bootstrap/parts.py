"""What a daemon is put together from; `bootstrap.installation` has all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from asterisk_gdpr.config import Config
from asterisk_gdpr.core.notice import Wording
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.ports import Clock, Register, Spool, Vault
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.keys import VaultPublicKey
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.service.documents.publishing import Publishing
from asterisk_gdpr.service.erasing.clock_watch import ClockWatch
from asterisk_gdpr.service.erasing.destruction import HandOver
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.erasing.holds import Holds
from asterisk_gdpr.service.erasing.journal import Journal
from asterisk_gdpr.service.erasing.periods import Periods
from asterisk_gdpr.service.prompts.prompts import Prompts
from asterisk_gdpr.service.proof.anchors import Anchors
from asterisk_gdpr.service.rights.never import Never
from asterisk_gdpr.service.rights.receipts import Receipts
from asterisk_gdpr.service.rights.references import References
from asterisk_gdpr.service.rights.requests import Requests
from asterisk_gdpr.service.rights.rights import Rights
from asterisk_gdpr.service.sealing.settling import Settling


class Parts(Protocol):
    """Everything that a daemon needs, made when it is asked for."""

    config: Config
    clock: Clock

    def policy(self) -> Policy: ...  # noqa: D102  # each says what it makes
    def register(self) -> Register: ...  # noqa: D102
    def vault(self) -> Vault: ...  # noqa: D102
    def settling(self) -> Settling: ...  # noqa: D102
    def spool(self) -> Spool: ...  # noqa: D102
    def prompts(self) -> Prompts: ...  # noqa: D102
    def vault_public_key(self) -> VaultPublicKey: ...  # noqa: D102
    def never(self) -> Never: ...  # noqa: D102
    def rights(self, erasure: Erasure) -> Rights: ...  # noqa: D102
    def receipts(self) -> Receipts: ...  # noqa: D102
    def references(self) -> References: ...  # noqa: D102
    def signing_key(self) -> SigningKey: ...  # noqa: D102
    def index_key(self) -> IndexKey: ...  # noqa: D102
    def erasure(self, hand_over: HandOver) -> Erasure: ...  # noqa: D102
    def journal(self) -> Journal: ...  # noqa: D102
    def heed_journal(self) -> None: ...  # noqa: D102
    def anchors(self) -> Anchors: ...  # noqa: D102
    def clock_watch(self) -> ClockWatch: ...  # noqa: D102
    def periods(self, policy: Callable[[], Policy]) -> Periods: ...  # noqa: D102
    def holds(self, policy: Callable[[], Policy]) -> Holds: ...  # noqa: D102
    def requests(self, erasure: Erasure, policy: Callable[[], Policy]) -> Requests: ...  # noqa: D102
    def verify_keys(self) -> list[VerifyKey]: ...  # noqa: D102
    def publishing(self) -> Publishing: ...  # noqa: D102
    def wordings(self) -> Mapping[str, Wording]: ...  # noqa: D102
