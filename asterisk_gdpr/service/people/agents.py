"""The register of agents: who takes calls, what they were told, and whether they have consented."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import ActivityBook, Agent, AgentBook, Clock, EvaluationBook, Looked
from asterisk_gdpr.service.ids import new_id

_ENDPOINT = re.compile(r"(?=.{3,80}\Z)[A-Za-z0-9]+/[A-Za-z0-9_.@+-]+")
_VERSION = re.compile(r"[A-Za-z0-9_.-]{1,64}")


_page = 500


class KeptBook(AgentBook, ActivityBook, EvaluationBook, Protocol):
    """Where it stands what is kept of an agent."""


@dataclass(frozen=True)
class Step:
    """One step of an agent's standing, as the ledger has it."""

    at: datetime
    standing: str
    version: str


@dataclass(frozen=True)
class Kept:
    """Everything that is kept of one agent; `recordings` are those that they took part in."""

    agent: Agent
    history: tuple[Step, ...]
    recordings: tuple[str, ...]
    evaluations: tuple[Evaluation, ...]


def kept_of(register: KeptBook, agent: Agent) -> Kept:
    """Everything that is kept of an agent, oldest step first."""
    steps: list[Step] = []
    before: int | None = None
    while entries := register.look_up(Looked(kind="agent-put", before=before, limit=_page)):
        before = entries[-1].seq
        steps += [
            Step(entry.at, str(entry.payload["standing"]), str(entry.payload["version"]))
            for entry in entries
            if entry.payload and entry.payload["agent"] == agent.id
        ]
    return Kept(
        agent,
        tuple(reversed(steps)),
        tuple(register.recordings_of_agent(agent.id)),
        tuple(register.evaluations_of_agent(agent.id)),
    )


class Agents:
    """Adds agents and writes down what they say; each change counts for every bridge from then on."""

    def __init__(self, register: AgentBook, clock: Clock) -> None:
        self._register = register
        self._clock = clock

    def add(self, endpoint: str, version: str, by: str = "") -> Agent:
        """Add somebody who was informed (Art. 13); raises Refused.

        Its ids: `not-an-endpoint`, `not-a-version`, `agent-exists`.
        """
        if not _ENDPOINT.fullmatch(endpoint):
            raise Refused(
                f"{endpoint!r} is not an endpoint.",
                hint="Write technology and name: PJSIP/anna.",
                id="not-an-endpoint",
            )
        there = self._register.agent_at(endpoint)
        if there is not None and there.standing != AgentStanding.REMOVED:
            raise Refused(
                f"There is an agent at {endpoint} already.",
                hint="`agents consent` and `agents withdraw` change how they stand.",
                id="agent-exists",
            )
        now = self._clock.now()
        agent = Agent(new_id("a"), endpoint, AgentStanding.INFORMED, _checked(version), now)
        self._register.put_agent(agent, by)
        return agent

    def consent(self, which: str, version: str, by: str = "") -> Agent:
        """An agent has consented to a version of the text; what stands already keeps its day."""
        found = self._known(which)
        if (found.standing, found.version) == (AgentStanding.CONSENTED, version):
            return found
        return self._put(
            found,
            by,
            standing=AgentStanding.CONSENTED,
            version=_checked(version),
            at=self._clock.now(),
            withdrawn_at=None,
        )

    def withdraw(self, which: str, by: str = "") -> Agent:
        """An agent has withdrawn; Refused (`withdrawn-already`)."""
        found = self._known(which)
        if found.standing == AgentStanding.WITHDRAWN:
            raise Refused(f"{found.id} has withdrawn already.", id="withdrawn-already")
        return self._put(found, by, standing=AgentStanding.WITHDRAWN, withdrawn_at=self._clock.now())

    def remove(self, which: str, by: str = "") -> Agent:
        """Somebody takes no more calls; their data goes when its period has ended."""
        found = self._known(which)
        return self._put(found, by, standing=AgentStanding.REMOVED, withdrawn_at=self._clock.now())

    def looked_for(self, which: str, agreement: str) -> str:
        """Our id of an agent whose recordings are looked for.

        Raises Refused (`no-agreement`) unless the policy names the staff agreement that allows to search
        by agent; without it nothing of the kind is kept either.
        """
        if not agreement:
            raise Refused(
                "Nobody searches by agent without the agreement of those who represent the staff.",
                hint="Its id stands in the policy: agents.agreement.",
                id="no-agreement",
            )
        return self._known(which).id

    def found(self, which: str) -> Agent:
        """One agent, by our id or the endpoint, or by our id one who was removed; Refused (`no-such-agent`).

        What is kept of somebody who takes no more calls is theirs to see as long as it is kept.
        """
        removed = self._register.agent(which)
        return removed if removed is not None and removed.endpoint.strip("-") else self._known(which)

    def _put(self, agent: Agent, by: str, **values: object) -> Agent:
        changed = replace(agent, **values)  # type: ignore[arg-type]  # each caller names fields of it
        self._register.put_agent(changed, by)
        return changed

    def _known(self, which: str) -> Agent:
        agent = self._register.agent(which) or self._register.agent_at(which)
        if agent is None or agent.standing == AgentStanding.REMOVED:
            raise Refused(
                f"There is no agent {which!r}.", hint="`agents list` shows them.", id="no-such-agent"
            )
        return agent


def _checked(version: str) -> str:
    if not _VERSION.fullmatch(version):
        raise Refused(
            f"{version!r} is no version.", hint="Write letters, digits and ._- only.", id="not-a-version"
        )
    return version
