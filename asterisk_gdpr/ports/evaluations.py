"""What reviewers gave recordings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from asterisk_gdpr.core.evaluation import Evaluation


class EvaluationBook(Protocol):
    """Evaluations; they live by a period of their own, whatever becomes of the recording."""

    def add_evaluation(self, evaluation: Evaluation) -> None:
        """Told to the ledger without points and words.

        Refused: `erased` once a tombstone stands, `evaluated-already` by the same person and form.
        """
        ...

    def evaluations(self, recording: str) -> Sequence[Evaluation]:
        """Those of a recording, oldest first."""
        ...

    def evaluations_of_agent(self, agent: str) -> Sequence[Evaluation]:
        """Those about an agent, newest first."""
        ...
