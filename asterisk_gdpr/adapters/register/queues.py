"""The queues that calls have come through, as rows."""

from __future__ import annotations

from sqlalchemy import Text, func, insert, select, type_coerce

from asterisk_gdpr.adapters.register.book import Book
from asterisk_gdpr.adapters.register.tables import call_queues

_MOST = 200


class Queues(Book):
    """Plays the part of `ports.CallBook` that is about queues."""

    def add_queue(self, call: str, queue: str) -> None:
        """Once for each queue of a call."""
        there = select(call_queues.c.number).where(call_queues.c.call == call, call_queues.c.queue == queue)
        with self._database.writing() as connection:
            if connection.execute(there).first() is None:
                connection.execute(insert(call_queues).values(call=call, queue=queue))

    def queues_of(self, call: str) -> list[str]:
        """As they came."""
        query = select(call_queues.c.queue).where(call_queues.c.call == call).order_by(call_queues.c.number)
        with self._database.reading() as connection:
            return [queue for queue in connection.execute(query).scalars() if queue]

    def queues(self) -> list[str]:
        """One step along the index for each name, however many calls each of them has."""
        found: list[str] = []
        name, last = type_coerce(call_queues.c.queue, Text), ""
        with self._database.reading() as connection:
            while len(found) < _MOST:
                after = connection.execute(select(func.min(name)).where(name > last)).scalar()
                if after is None:
                    break
                last = after
                if after.strip("-"):  # what is left of one that was overwritten is no name
                    found.append(after)
        return found
