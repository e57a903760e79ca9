"""What narrows a search along an index of its own: a queue, an agent, the purposes, a length.

A page of results is read along the index of time until it is full. Where few recordings fit, that would be
all that there are: 3 s among a million. So whatever narrows is asked first how many it leaves, up to `FEW`,
and the least of them leads: its recordings are looked up and sorted, and nothing else is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from asterisk_gdpr.adapters.register.tables import call_queues, participants, recordings, terms
from asterisk_gdpr.ports import Search

FEW = 10_000
"""So many recordings are looked up one by one sooner than a page is found among those of all times."""


@dataclass(frozen=True)
class Lead:
    """The few that a search is led by."""

    column: ColumnElement[str]
    among: Select[Any]

    @property
    def condition(self) -> ColumnElement[bool]:
        """That a recording is one of them."""
        return self.column.in_(self.among)


def lead_of(connection: Connection, search: Search) -> Lead | None:
    """The fewest that any one way of narrowing leaves; None where each of them leaves many."""
    best, least = None, FEW + 1
    for lead in narrowings(search):
        counted = select(func.count()).select_from(lead.among.limit(least).subquery())
        count: int = connection.execute(counted).scalar_one()
        if count < least:
            best, least = lead, count
    return best


def narrowings(search: Search) -> Iterator[Lead]:
    """Each of them that is asked for; what it leaves may be wider than what is looked for, never narrower."""
    if search.queue:
        yield Lead(recordings.c.call, select(call_queues.c.call).where(call_queues.c.queue == search.queue))
    if search.agent:
        theirs = select(participants.c.recording).where(participants.c.agent == search.agent)
        yield Lead(recordings.c.id, theirs)
    if search.purposes is not None:
        standing = (terms.c.purpose.in_(sorted(search.purposes)), terms.c.ended_at.is_(None))
        yield Lead(recordings.c.id, select(terms.c.recording).where(*standing))
    if search.shortest is not None or search.longest is not None:
        lengths = recordings.alias("lengths")
        long = select(lengths.c.id).where(lengths.c.state.in_(sorted(search.states)))
        if search.shortest is not None:
            long = long.where(lengths.c.seconds >= search.shortest)
        if search.longest is not None:
            long = long.where(lengths.c.seconds <= search.longest)
        yield Lead(recordings.c.id, long)
