"""One self-test from its beginning to its signed report, and the alarm that follows from it.

The agent of the test is in the register of agents while it runs, and withdrawn from it afterwards; whatever
the test recorded is erased in the end, whichever of its steps went wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.core.line_rules import LineRules, rules_of
from asterisk_gdpr.core.policy import Mode, Policy
from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports import Agent, AgentBook, Clock, LedgerBook, Upkeep
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.new_files import belong_to_folder, make_folder, write_new
from asterisk_gdpr.service.self_test.report import Claim, Report
from asterisk_gdpr.service.self_test.steps import Book as StepBook
from asterisk_gdpr.service.self_test.steps import Steps, Tools

FAILED = "self-test-failed"
"""The alarm that the last self-test of a node did not pass."""

AGENT = "a0selftest000000"
AGENT_VERSION = "self-test"
_SETTLES = 2.5
"""Seconds until the daemon has looked at the register of agents again."""

_NAME = "%Y%m%dT%H%M%S"

KEEP_REPORTS = 400
"""Reports of a node that stay in its folder: those of more than a year."""


class Book(StepBook, AgentBook, LedgerBook, Upkeep, Protocol):
    """What a self-test needs of the register."""


class SelfTest:
    """Tests a node; `folder` is where its reports are kept."""

    def __init__(
        self,
        tools: Callable[[], Tools],
        register: Book,
        policy: Policy,
        key: SigningKey,
        clock: Clock,
        node: str,
        folder: Path,
    ) -> None:
        """`tools` is asked for once the phones are there."""
        self._tools = tools
        self._register = register
        self._policy = policy
        self._key = key
        self._clock = clock
        self._node = node
        self._folder = folder

    def rules(self, line: str = "") -> LineRules:
        """The line to be tested: the one that is named, or the first that can be.

        Raises Refused (`no-line-to-test`, `switched-off`).
        """
        found = line_to_test(self._policy, line)
        if self._register.switched_off(found.line):
            raise Refused(f"Line {found.line} is switched off: nothing would be recorded.", id="switched-off")
        return found

    async def run(self, rules: LineRules) -> tuple[Report, bytes]:
        """The report and its signed form, which is in the folder and in the ledger; alarms as it came out."""
        began = self._clock.now()
        tools = self._tools()
        steps = Steps(tools, rules.line, rules)
        await asyncio.to_thread(self._agent, tools.phones.agent_endpoint, AgentStanding.CONSENTED)
        try:
            await asyncio.sleep(_SETTLES)
            await steps.all()
        finally:
            await asyncio.to_thread(self._agent, tools.phones.agent_endpoint, AgentStanding.WITHDRAWN)
            left = await asyncio.to_thread(self._clean_up, steps, tools)
        ended = self._clock.now()
        claims = (
            *steps.claims,
            Claim("nothing-stays", "nothing of the test stays", not left, ", ".join(left)),
        )
        report = Report(
            node=self._node,
            line=rules.line,
            policy=self._policy.version,
            began_at=began,
            ended_at=ended,
            claims=claims,
            calls=tuple(steps.calls),
            recordings=tuple(steps.recordings),
        )
        return report, await asyncio.to_thread(self._keep, report)

    def _agent(self, endpoint: str, standing: AgentStanding) -> None:
        now = self._clock.now()
        withdrawn = now if standing is AgentStanding.WITHDRAWN else None
        self._register.put_agent(Agent(AGENT, endpoint, standing, AGENT_VERSION, now, withdrawn))

    def _clean_up(self, steps: Steps, tools: Tools) -> list[str]:
        """Erase what the test recorded; what is left is tried again by the daemon, and told."""
        left = []
        for recording in steps.recordings:
            tombstone = self._register.tombstone(recording)
            waits = tombstone is not None and tombstone.due_at > self._clock.now()
            if waits or self._register.recording(recording).state is State.ERASED:
                continue
            with suppress(GdprError):
                tools.erase(recording, Reason.TEST)
            if self._register.recording(recording).state is not State.ERASED:
                left.append(recording)
        return left

    def _keep(self, report: Report) -> bytes:
        signed = report.signed(self._key)
        if make_folder(self._folder, 0o700):
            belong_to_folder(self._folder)
        file = self._folder / f"{report.began_at.astimezone(UTC).strftime(_NAME)}.json"
        write_new(file, signed, 0o600)
        belong_to_folder(file)
        for old in sorted(self._folder.glob("*.json"))[:-KEEP_REPORTS]:
            old.unlink(missing_ok=True)
        told = {
            "node": self._node,
            "line": report.line,
            "passed": report.passed,
            "calls": list(report.calls),
            "recordings": list(report.recordings),
            "report": hashlib.sha256(signed).hexdigest(),
        }
        self._register.record("self-test", told, report.ended_at)
        alarms = Alarms(self._register, self._clock)
        if report.passed:
            alarms.over(FAILED, self._node)
        else:
            failed = [claim.id for claim in report.claims if claim.held is False]
            alarms.raise_(FAILED, self._node, f"The self-test failed: {', '.join(failed)}.")
        return signed


def line_to_test(policy: Policy, name: str = "") -> LineRules:
    """The rules of the line that is named, or of the first that can be tested.

    A test must be able to refuse, to withdraw, and to erase: so no purpose of the line may be mandatory,
    its callers are asked in one question, and all of them.
    """
    if name and name not in policy.lines:
        raise Refused(f"There is no line {name!r} in the policy.", id="no-such-line")
    lines = [policy.lines[name]] if name else list(policy.lines.values())
    for line in lines:
        rules = None if line.exempt else rules_of(policy, line)
        if rules is None or rules.mode is not Mode.LIVE or rules.share < 100:
            continue
        if not rules.mandatory and len(rules.questions) == 1 and rules.questions[0].opt_in:
            return rules
    raise Refused(
        f"Line {name} cannot be tested." if name else "No line can be tested.",
        hint="A live line is needed whose callers are all asked to agree, by one question, to purposes that"
        " can be refused; a line of its own for the self-test will do.",
        id="no-line-to-test",
    )


def began_at(report: Path) -> datetime:
    """When the test of a report began, by the name of its file."""
    return datetime.strptime(report.stem, _NAME).replace(tzinfo=UTC)
