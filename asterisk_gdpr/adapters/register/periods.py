"""Deadlines as rows, and the clocks that they are reckoned by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update

from asterisk_gdpr.adapters.register.book import Book, append
from asterisk_gdpr.adapters.register.columns import one_of
from asterisk_gdpr.adapters.register.kinds import KINDS
from asterisk_gdpr.adapters.register.tables import (
    call_references,
    calls,
    claims,
    deadlines,
    receipts,
    recordings,
    shortenings,
    watched_clocks,
)
from asterisk_gdpr.core.clock_watch import Seen
from asterisk_gdpr.core.policy import Period, Unit
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import Deadline, Shortening, Watched

_one = (deadlines.c.kind == bindparam("its_kind"), deadlines.c.of == bindparam("its_of"))
_date = (
    update(deadlines)
    .where(*_one, deadlines.c.ends_at.is_(None))
    .values(ends_at=bindparam("its_end", type_=deadlines.c.ends_at.type))
)
_forward = (
    update(deadlines)
    .where(*_one, deadlines.c.ends_at > bindparam("its_end", type_=deadlines.c.ends_at.type))
    .values(ends_at=bindparam("its_end", type_=deadlines.c.ends_at.type))
)
_close = delete(deadlines).where(*_one)

_talking = calls.c.ended_at.is_(None)
_waiting = (
    select(
        calls.c.policy,
        func.count().label("call_data"),
        func.count(calls.c.chosen_at).label("choices"),
        func.count(receipts.c.call).label("receipts"),
        func.count(call_references.c.call).label("references"),
    )
    .select_from(
        calls.outerjoin(recordings, recordings.c.id == calls.c.recording)
        .outerjoin(receipts, and_(receipts.c.call == calls.c.id, _talking))
        .outerjoin(call_references, and_(call_references.c.call == calls.c.id, _talking))
    )
    .where(or_(_talking, recordings.c.state != State.ERASED))
    .group_by(calls.c.policy)
)


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

    def deadlines(self, kind: str, after: str, limit: int) -> list[Deadline]:
        """Along the key."""
        query = select(deadlines).where(deadlines.c.kind == kind, deadlines.c.of > after)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(deadlines.c.of).limit(limit))
            return [_deadline(row) for row in rows]

    def bring_forward(self, dated: Iterable[Deadline]) -> None:
        """In one transaction."""
        rows = [{"its_kind": each.kind, "its_of": each.of, "its_end": each.ends_at} for each in dated]
        if rows:
            with self._database.writing() as connection:
                connection.execute(_forward, rows)

    def add_shortening(self, rule: Shortening, count: int, policy: str) -> None:
        """Nothing is ever taken from the list: what it reached must not live longer again."""
        told = {"kind": rule.kind, "keep": str(rule.keep), "count": count, "policy": policy}
        with self._database.writing() as connection:
            connection.execute(
                insert(shortenings).values(
                    kind=rule.kind, at=rule.at, keep_count=rule.keep.count, keep_unit=rule.keep.unit
                )
            )
            append(connection, rule.at, "data-shortened", told)

    def shortenings(self) -> list[Shortening]:
        """Oldest first."""
        with self._database.reading() as connection:
            return [
                Shortening(row.kind, row.at, Period(row.keep_count, one_of(Unit, row.keep_unit)))
                for row in connection.execute(select(shortenings).order_by(shortenings.c.number))
            ]

    def count_waiting(self, made_after: datetime | None = None) -> Mapping[str, Mapping[str, int]]:
        """Reads every call whose recording lives, which is for a person's question."""
        query = _waiting if made_after is None else _waiting.where(calls.c.arrived_at > made_after)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return {row["policy"]: {kind: row[kind] for kind in row if kind != "policy"} for row in rows}

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
    return Deadline(row.kind, row.of, row.begun_at, row.policy, row.ends_at, row.made_at)
