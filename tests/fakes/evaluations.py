"""The part of the register in memory that holds evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.errors import Refused


class MemoryEvaluations:
    """Plays `ports.EvaluationBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any
    begin: Any

    def add_evaluation(self, evaluation: Evaluation) -> None:
        if evaluation.recording in self._tables.tombstones:
            raise Refused("This recording has been erased, or is being erased.", id="erased")
        if any(
            (each.form, each.user) == (evaluation.form, evaluation.user)
            for each in self.evaluations(evaluation.recording)
        ):
            raise Refused("You have evaluated this by the same form.", id="evaluated-already")
        self._tables.evaluations[evaluation.id] = evaluation
        self.begin("evaluations", evaluation.id, evaluation.at)
        told = {"user": evaluation.user, "recording": evaluation.recording, "evaluation": evaluation.id}
        self.record("evaluated", told, evaluation.at)

    def evaluations(self, recording: str) -> Sequence[Evaluation]:
        return [each for each in self._tables.evaluations.values() if each.recording == recording]

    def evaluations_of_agent(self, agent: str) -> Sequence[Evaluation]:
        mine = [each for each in self._tables.evaluations.values() if each.agent == agent]
        return sorted(mine, key=lambda each: each.at, reverse=True)

    def _wipe_evaluations(self, of: str) -> None:
        self._tables.evaluations.pop(of, None)
