"""What the daemon says of itself every few seconds: that it lives, whom it serves, which calls go on.

`status` and the page read it; a daemon that says nothing is taken for dead.
"""

from __future__ import annotations

import os
from typing import Any, Protocol

from asterisk_gdpr.adapters.exchange import AsteriskExchange
from asterisk_gdpr.bootstrap.telling import Silent, Telling
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import AgentBook, Clock, Spool, Upkeep
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.call.calls import Calls

TAKEN, AWAY = "app-taken", "asterisk-unreachable"

RATES = (0.0, 1000.0)
"""Between these a rate can be that was measured."""

MOST_SHOWN = 200
"""So many living calls are told of in a beat, and so seen one by one at the page."""


class Book(Upkeep, AgentBook, Protocol):
    """What signs of life need of the register."""


def rate_before(register: Upkeep, node: str) -> float | None:
    """The rate that the node had measured when it said something last; None if it has said none."""
    _, facts = register.beats().get(node, (None, {}))
    rate = facts.get("rate")
    return float(rate) if isinstance(rate, int | float) and RATES[0] < rate < RATES[1] else None


class SignsOfLife:
    """Writes them; blocks."""

    def __init__(
        self,
        register: Book,
        exchange: AsteriskExchange,
        calls: Calls,
        spool: Spool,
        alarms: Alarms,
        telling: Telling | Silent,
        clock: Clock,
        node: str,
    ) -> None:
        self._register = register
        self._exchange = exchange
        self._calls = calls
        self._spool = spool
        self._alarms = alarms
        self._telling = telling
        self._clock = clock
        self._node = node
        self._problem: Unreachable | None = None
        self._shown: object = None

    def beat(self) -> None:
        """Say what there is to be said now."""
        self._watch_asterisk()
        self._telling.watch()
        facts = {
            "calls": self._calls.alive,
            "shed": self._calls.load.shed,
            "rate": self._calls.load.rate,
            "asterisk": self._exchange.connected,
            "spool_room": round(self._spool.room() * 100),
            "pid": os.getpid(),
            "now": self._seen(),
            "policy": self._calls.in_force.policy.version,
        }
        self._shown = facts["now"]
        self._register.beat(self._node, self._clock.now(), facts)

    def _watch_asterisk(self) -> None:
        """An alarm for an Asterisk that is away for longer than a beat, and for an app that is taken."""
        (problem, before), node = (self._exchange.problem, self._problem), self._node
        self._problem = problem
        wrong = None
        if problem is not None and (problem.id == TAKEN or before is not None):
            wrong = TAKEN if problem.id == TAKEN else AWAY
            self._alarms.raise_(wrong, node, f"{problem.message} {problem.hint}".strip())
        for id in {TAKEN, AWAY} - {wrong}:
            self._alarms.over(id, node)

    def show(self) -> None:
        """People at the page see calls as they go on: a beat more, when something about them has changed."""
        if self._seen() != self._shown:
            self.beat()

    def _seen(self) -> list[dict[str, Any]]:
        """The calls as people see them, each with the agents in it by our id: for their own strip alone."""
        whom = self._calls.with_whom()
        ids = {agent.endpoint: agent.id for agent in self._register.agents()} if any(whom.values()) else {}
        return [
            {**told, "agents": sorted(ids[each] for each in whom.get(told["call"], ()) if each in ids)}
            for told in self._calls.now()[:MOST_SHOWN]
        ]
