"""Evaluations as rows."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, Select, insert, select

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.deadlines import begin
from asterisk_gdpr.adapters.register.tables import evaluations, tombstones
from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.errors import Refused


class Evaluations(Book):
    """Plays `ports.EvaluationBook`."""

    def add_evaluation(self, evaluation: Evaluation) -> None:
        """One by each person and form; its period begins at once."""
        words = json.dumps({"points": dict(evaluation.points), "comment": evaluation.comment})
        with self._database.writing() as connection:
            doomed = select(tombstones.c.recording).where(tombstones.c.recording == evaluation.recording)
            if connection.execute(doomed).first():
                raise Refused("This recording has been erased, or is being erased.", id="erased")
            same = select(evaluations.c.id).where(
                evaluations.c.recording == evaluation.recording,
                evaluations.c.form == evaluation.form,
                evaluations.c.user == evaluation.user,
            )
            if connection.execute(same).first():
                raise Refused("You have evaluated this by the same form.", id="evaluated-already")
            connection.execute(
                insert(evaluations).values(
                    id=evaluation.id,
                    recording=evaluation.recording,
                    form=evaluation.form,
                    user=evaluation.user,
                    agent=evaluation.agent,
                    at=evaluation.at,
                    score=evaluation.score,
                    words=words.encode(),
                )
            )
            begin(connection, "evaluations", evaluation.id, evaluation.at)
            told = {"user": evaluation.user, "recording": evaluation.recording, "evaluation": evaluation.id}
            append(connection, evaluation.at, "evaluated", told)

    def evaluations(self, recording: str) -> list[Evaluation]:
        """Those that have not been overwritten."""
        return self._those(
            select(evaluations).where(evaluations.c.recording == recording).order_by(evaluations.c.at)
        )

    def evaluations_of_agent(self, agent: str) -> list[Evaluation]:
        """The same of an agent, newest first."""
        mine = select(evaluations).where(evaluations.c.agent == agent)
        return self._those(mine.order_by(evaluations.c.at.desc()))

    def _those(self, query: Select[Any]) -> list[Evaluation]:
        with self._database.reading() as connection:
            return [_value(row) for row in connection.execute(query) if row.words is not None]


def _value(row: Row[Any]) -> Evaluation:
    words = json.loads(row.words)
    return Evaluation(
        row.id,
        row.recording,
        row.form,
        row.user,
        row.at,
        row.score,
        words["points"],
        words["comment"],
        row.agent,
    )
