"""What the offices work with, beside recordings: each a service, or one question to the installation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from asterisk_gdpr.core.explain import Explanation
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Fault
from asterisk_gdpr.service.checks.finding import Finding
from asterisk_gdpr.service.documents.documents import Documents
from asterisk_gdpr.service.documents.publishing import Publishing
from asterisk_gdpr.service.erasing.holds import Holds
from asterisk_gdpr.service.keys.escrow_drill import EscrowDrill
from asterisk_gdpr.service.listening.clips import Clips
from asterisk_gdpr.service.listening.evaluating import Evaluating
from asterisk_gdpr.service.listening.unusual_listening import UnusualListening
from asterisk_gdpr.service.people.agents import Agents
from asterisk_gdpr.service.people.approving import Approving
from asterisk_gdpr.service.prompts.prompt_desk import PromptDesk
from asterisk_gdpr.service.rights.naming import Naming
from asterisk_gdpr.service.rights.never import Never
from asterisk_gdpr.service.rights.receipt_desk import ReceiptDesk
from asterisk_gdpr.service.rights.references import References
from asterisk_gdpr.service.rights.requests import Requests
from asterisk_gdpr.service.rights.rights import Rights
from asterisk_gdpr.service.sealing.deriving import Deriving


@dataclass(frozen=True)
class Office:
    """The parts of the page that are about rules and proof."""

    agents: Agents
    holds: Holds
    never: Never
    requests: Requests
    rights: Rights
    naming: Naming
    references: References
    evaluating: Evaluating
    clips: Clips
    approving: Approving
    deriving: Deriving
    documents: Documents
    publishing: Publishing
    receipts: ReceiptDesk
    prompts: PromptDesk
    escrow: EscrowDrill
    unusual: UnusualListening
    check: Callable[[], Sequence[Finding]]
    """Everything that `asterisk-gdpr check` says now."""
    faults: Callable[[], Sequence[Fault]]
    """What is wrong with the policy's file as it stands now, each with its line."""
    in_file: Callable[[], Policy]
    """The policy as its file stands now; raises ConfigFaults."""
    earlier: Callable[[str], Policy]
    """A policy that was in force, by its version."""
    explain: Callable[[str, str | None], Explanation]
    """What would happen to a call on a line, from a number."""
    ledger_lines: Callable[[], Iterator[bytes]]
    """The whole ledger with a signed head, as `ledger export` writes it."""
