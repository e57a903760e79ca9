"""Deadlines as rows, and the clocks that they are reckoned by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.kinds import KINDS
from asterisk_gdpr.adapters.register.tables import claims, deadlines, watched_clocks
from asterisk_gdpr.core.clock_watch import Seen
from asterisk_gdpr.ports import Deadline, Watched

_one = (deadlines.c.kind == bindparam("its_kind"), deadlines.c.of == bindparam("its_of"))
_date = (
    update(deadlines)
    .where(*_one, deadlines.c.ends_at.is_(None))
    .values(ends_at=bindparam("its_end", type_=deadlines.c.ends_at.type))
)
_close = delete(deadlines).where(*_one)


class Periods(Book):
    """Plays `ports.PeriodBook` and `ports.ClockBook`."""

    def undated(self, limit: int) -> list[Deadline]:
        """Those of a kind that this program knows no rule of are left alone."""
        query = select(deadlines).where(deadlines.c.ends_at.is_(None), deadlines.c.kind.in_(list(KINDS)))
        with self._database.reading() as connection:
            return [_deadline(row) for row in connection.execute(query.limit(limit))]

    def set_deadlines(self, dated: Iterable[Deadline]) -> None:
        """Write the ends."""
        rows = [{"its_kind": each.kind, "its_of": each.of, "its_end": each.ends_at} for each in dated]
        if rows:
            with self._database.writing() as connection:
                connection.execute(_date, rows)

    def data_due(self, now: datetime, limit: int) -> list[Deadline]:
        """Along the index of the ends."""
        query = select(deadlines).where(deadlines.c.ends_at <= now, deadlines.c.kind.in_(list(KINDS)))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(deadlines.c.ends_at).limit(limit))
            return [_deadline(row) for row in rows]

    def count_deadlines(self, due_at: datetime | None = None) -> Mapping[str, int]:
        """By kind; those without any are left out."""
        query = select(deadlines.c.kind, func.count()).group_by(deadlines.c.kind)
        if due_at is not None:
            query = query.where(deadlines.c.ends_at <= due_at)
        with self._database.reading() as connection:
            return {kind: count for kind, count in connection.execute(query)}

    def overwrite(self, some: Sequence[Deadline]) -> None:
        """In one transaction."""
        by_kind: dict[str, list[str]] = defaultdict(list)
        for each in some:
            by_kind[each.kind].append(each.of)
        with self._database.writing() as connection:
            for kind, of in by_kind.items():
                KINDS[kind](connection, of)

    def close_deadlines(self, some: Sequence[Deadline], at: datetime) -> None:
        """The ledger has how many of each kind, and none of their ids."""
        counts: dict[str, int] = defaultdict(int)
        with self._database.writing() as connection:
            for each in some:
                closed = connection.execute(_close, {"its_kind": each.kind, "its_of": each.of})
                counts[each.kind] += closed.rowcount
            for kind, count in sorted(counts.items()):
                if count:
                    append(connection, at, "data-erased", {"kind": kind, "count": count})

    def claim(self, work: str, node: str, now: datetime, until: datetime) -> bool:
        """A claim that is over is anyone's."""
        with self._database.writing() as connection:
            row = connection.execute(select(claims).where(claims.c.work == work)).one_or_none()
            if row is None:
                connection.execute(insert(claims).values(work=work, node=node, until=until))
                return True
            if row.node != node and row.until > now:
                return False
            connection.execute(update(claims).where(claims.c.work == work).values(node=node, until=until))
            return True

    def watched(self, node: str) -> Watched | None:
        """A node's clock as it was last seen."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(watched_clocks).where(watched_clocks.c.node == node)
            ).one_or_none()
        return Watched(row.node, Seen(row.at, row.boot, row.up), row.doubted_at) if row else None

    def watch(self, watched: Watched) -> None:
        """Write it down; the ledger is told when a clock begins or ends to be doubted."""
        values = {
            "at": watched.seen.at,
            "boot": watched.seen.boot,
            "up": watched.seen.up,
            "doubted_at": watched.doubted_at,
        }
        of_node = watched_clocks.c.node == watched.node
        with self._database.writing() as connection:
            query = select(watched_clocks.c.doubted_at).where(of_node)
            before = connection.execute(query).scalar_one_or_none()
            if not connection.execute(update(watched_clocks).where(of_node).values(**values)).rowcount:
                connection.execute(insert(watched_clocks).values(node=watched.node, **values))
            if (before is None) != (watched.doubted_at is None):
                kind = "clock-believed" if watched.doubted_at is None else "clock-doubted"
                append(connection, watched.doubted_at or watched.seen.at, kind, {"node": watched.node})


def _deadline(row: Row[Any]) -> Deadline:
    return Deadline(row.kind, row.of, row.begun_at, row.policy, row.ends_at)
