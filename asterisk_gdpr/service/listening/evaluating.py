"""Evaluating recordings by the forms of the policy: by those who may hear them, and have.

Whom an evaluation is about is kept only where the policy names the agreement of the staff's
representatives; without it, it is about a call and about nobody.
A reviewer sees what others gave once they have given theirs, so that two of them can be calibrated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from asterisk_gdpr.core.evaluation import Calibration, Evaluation, Form, calibrate
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import ActivityBook, AgentBook, Clock, EvaluationBook, Looked
from asterisk_gdpr.service.ids import new_id

LONGEST = 2000
_ENOUGH = 10_000


class Book(EvaluationBook, ActivityBook, AgentBook, Protocol):
    """What evaluating needs of the register."""


@dataclass(frozen=True)
class Seen:
    """What one reviewer sees of a recording's evaluations."""

    own: tuple[Evaluation, ...]
    others: tuple[Evaluation, ...]
    calibrations: tuple[Calibration, ...]


class Evaluating:
    """Takes evaluations and shows them."""

    def __init__(self, register: Book, policy: Callable[[], Policy], clock: Clock) -> None:
        self._register = register
        self._policy = policy
        self._clock = clock

    def forms(self, purposes: frozenset[str]) -> list[Form]:
        """The forms for those who may hear under these purposes."""
        return [form for form in self._policy().evaluations.values() if form.purpose in purposes]

    def agents(self, recording: str) -> Sequence[str]:
        """Whom an evaluation may be about, by our id: nobody without the agreement."""
        if not self._policy().agents.agreement:
            return ()
        return sorted(self._register.agents_in([recording]).get(recording, ()))

    def heard(self, recording: str, user: str) -> bool:
        """Whether somebody has listened to a recording, as the ledger has it."""
        entries = self._register.look_up(Looked(about=[recording], kind="listened", limit=_ENOUGH))
        return any((entry.payload or {}).get("user") == user for entry in entries)

    def give(
        self, form: Form, recording: str, user: str, points: Mapping[str, int], comment: str, agent: str = ""
    ) -> Evaluation:
        """Evaluate once; raises Refused.

        Its ids: `not-heard`, `incomplete`, `no-such-agent`, `evaluated-already`, `erased`.
        """
        if not self.heard(recording, user):
            raise Refused("Nobody evaluates what they have not heard.", id="not-heard")
        if not form.complete(points):
            raise Refused(f"Give each item 0 to {form.most} points.", id="incomplete")
        if agent and agent not in self.agents(recording):
            raise Refused("This agent did not take part.", id="no-such-agent")
        given = Evaluation(
            new_id("v"),
            recording,
            form.name,
            user,
            self._clock.now(),
            form.score(points),
            dict(points),
            comment.strip()[:LONGEST],
            agent,
        )
        self._register.add_evaluation(given)
        return given

    def seen(self, recording: str, user: str) -> Seen:
        """One's own evaluations, and by the same forms those of others."""
        every = self._register.evaluations(recording)
        own = tuple(each for each in every if each.user == user)
        forms = {each.form for each in own}
        alike = [each for each in every if each.form in forms]
        others = tuple(each for each in alike if each.user != user)
        return Seen(own, others, tuple(calibrate(alike)))

    def of_agent(self, agent: str) -> Sequence[Evaluation]:
        """What was given to an agent, for the agent's own eyes; newest first."""
        return self._register.evaluations_of_agent(agent) if agent else ()
