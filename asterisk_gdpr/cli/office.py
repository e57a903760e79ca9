"""What the offices at the page work with, put together for one installation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from asterisk_gdpr.bootstrap.checkup import examine
from asterisk_gdpr.bootstrap.desks import escrow_drill, prompt_desk
from asterisk_gdpr.bootstrap.earlier_policies import named_policy
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.cli.erasure import eraser
from asterisk_gdpr.config import check_policy
from asterisk_gdpr.core.explain import Asked, Explanation, explain
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Fault
from asterisk_gdpr.service.checks.finding import Finding
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.listening.clips import Clips
from asterisk_gdpr.service.listening.evaluating import Evaluating
from asterisk_gdpr.service.listening.playback import Listening
from asterisk_gdpr.service.listening.unusual_listening import UnusualListening
from asterisk_gdpr.service.people.agents import Agents
from asterisk_gdpr.service.people.approving import Approving
from asterisk_gdpr.service.proof import ledger
from asterisk_gdpr.service.rights.receipt_desk import ReceiptDesk
from asterisk_gdpr_web.office import Office


def office_of(
    installation: Installation, policy: Callable[[], Policy], listening: Listening, keeper: Keeper
) -> Office:
    """Its services; what needs the machine itself is asked of it when somebody asks."""
    register, at = installation.register(), installation.config.policy

    def findings() -> list[Finding]:
        return list(examine(installation))

    def faults() -> Sequence[Fault]:
        today = installation.clock.now().astimezone(installation.zone).date()
        return check_policy(at.path, at.packs, at.notices, today)

    def earlier(version: str) -> Policy:
        return named_policy(version, register, at)

    def explained(line: str, caller: str | None) -> Explanation:
        in_force = policy()
        language = in_force.lines[line].languages[0]
        off, country = register.switched_off(line), installation.config.default_country
        return explain(in_force, installation.pack(), Asked(line, caller, language, off, country))

    def lines() -> Iterator[bytes]:
        now, key = installation.clock.now(), installation.signing_key()
        return ledger.export(ledger.all_entries(register), now, key)

    rights, requests = (
        installation.rights(eraser(installation)),
        installation.requests(eraser(installation), policy),
    )
    return Office(
        agents=Agents(register, installation.clock),
        holds=installation.holds(policy),
        never=installation.never(),
        requests=requests,
        rights=rights,
        receipts=ReceiptDesk(register, rights, requests, installation.receipts(), installation.clock),
        prompts=prompt_desk(installation, policy),
        escrow=escrow_drill(installation),
        unusual=UnusualListening(register, policy, installation.clock, installation.zone),
        naming=installation.naming(policy),
        references=installation.references(),
        deriving=installation.deriving(keeper, eraser(installation)),
        clips=Clips(register, listening, installation.clock),
        approving=Approving(register, installation.clock),
        evaluating=Evaluating(register, policy, installation.clock),
        documents=installation.documents(),
        publishing=installation.publishing(),
        check=findings,
        faults=faults,
        in_file=installation.policy,
        earlier=earlier,
        explain=explained,
        ledger_lines=lines,
    )
