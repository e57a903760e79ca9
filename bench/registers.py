"""Registers with very many recordings: the product's own tables, filled by the million.

The recordings of the last ninety days, whatever their number, evenly spread; the oldest hundred are due.
Every caller has twenty of them. Every second call came through a queue, and one in two thousand through
another; as many are long. Numbers are really sealed where the bench will look at them: around each
midnight; elsewhere there are random bytes of the same length. Choices and the ledger are left out.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from asterisk_gdpr.adapters.register import tables
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.core.times import to_text
from bench.house import NODE

DAYS = 90
DUE = 100
LINES = ("sales", "support")
BUSY, RARE = "reception", "complaints"
"""The queues: one that half of the calls came through, and one of few."""
RARELY = 2000
"""One recording in so many is of the rare queue, and long."""
CALLS_OF_ONE = 20
_LOOKED_AT = 150
"""Recordings before each midnight, and before now, that may be on a page that is looked at."""
_WRAPPED, _SEALED_NUMBER = 1168, 1184


@dataclass(frozen=True)
class Filling:
    """What fills a register; `seal` and `blind` are those of its installation."""

    count: int
    now: datetime
    seal: Callable[[str, str], bytes]
    blind: Callable[[str], bytes]
    epoch: str = "00" * 8

    def number(self, index: int) -> str:
        """The caller of a recording; the calls of one caller lie far apart."""
        return f"+4930{1_000_000 + index % max(1, self.count // CALLS_OF_ONE)}"

    def begun_at(self, index: int) -> datetime:
        """When a recording was begun."""
        return self.now - timedelta(days=DAYS) * (1 - index / self.count)

    def midnights(self) -> list[datetime]:
        """The midnights of UTC among them, but for the first days."""
        last = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return [last - timedelta(days=day) for day in range(DAYS - 5)]

    def looked_at(self) -> set[int]:
        """The recordings whose callers are really sealed."""
        apart = timedelta(days=DAYS) / self.count
        ends = [self.count - round((self.now - at) / apart) for at in (self.now, *self.midnights())]
        return {index for end in ends for index in range(max(0, end - _LOOKED_AT), min(self.count, end + 5))}


def fill(file: Path, filling: Filling) -> None:
    """Fill the empty register in `file`, without any care for a power cut."""
    looked_at = filling.looked_at()
    with closing(sqlite3.connect(file)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
            connection.execute(f"PRAGMA {pragma}")
        for start in range(0, filling.count, 10_000):
            indexes = range(start, min(filling.count, start + 10_000))
            for table, rows in _rows(filling, indexes, looked_at):
                columns = list(rows[0])
                connection.executemany(_insert(table, columns), [tuple(row.values()) for row in rows])
            connection.commit()


def _insert(table: Table, columns: Sequence[str]) -> str:
    """The statement; that each column exists is seen here, and not as an error of the database."""
    names = ", ".join(f'"{table.c[column].name}"' for column in columns)
    marks = ", ".join("?" * len(columns))
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608  # our own tables' names


def _rows(
    filling: Filling, indexes: range, looked_at: set[int]
) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    times = {index: filling.begun_at(index) for index in indexes}
    yield tables.calls, [_call(index, times[index]) for index in indexes]
    yield tables.call_queues, [each for index in indexes for each in _queues(index)]
    yield tables.callers, [_caller(filling, index, index in looked_at) for index in indexes]
    yield tables.recordings, [_recording(index, times[index]) for index in indexes]
    yield tables.wrapped_keys, [_key(index) for index in indexes]
    yield tables.terms, [_term(index, times[index]) for index in indexes]


def _call_id(index: int) -> str:
    return f"c{index:016d}"


def _recording_id(index: int) -> str:
    return f"r{index:016d}"


def _call(index: int, at: datetime) -> dict[str, Any]:
    text = to_text(at)
    return {
        "id": _call_id(index),
        "channel": f"pbx-{index}.1",
        "linkedid": f"pbx-{index}.1",
        "line": LINES[index % len(LINES)],
        "language": "en",
        "node": NODE,
        "policy": "ab" * 32,
        "arrived_at": text,
        "choice": "agreed",
        "chosen_at": text,
        "recording": _recording_id(index),
        "ended_at": text,
        "ending": "ended_after_talk",
    }


def _queues(index: int) -> list[dict[str, Any]]:
    names = [BUSY] if index % 4 < len(LINES) else []
    names += [RARE] if index % RARELY == 0 else []
    return [{"call": _call_id(index), "queue": name} for name in names]


def _caller(filling: Filling, index: int, real: bool) -> dict[str, Any]:
    number = filling.number(index)
    sealed = filling.seal(_call_id(index), number) if real else os.urandom(_SEALED_NUMBER)
    index_of = filling.blind(number)
    return {"call": _call_id(index), "sealed": sealed, "blind_index": index_of, "epoch": filling.epoch}


def _due_at(index: int, at: datetime) -> str:
    """A day too late for the first hundred, a day later than that for the others."""
    return to_text(at + timedelta(days=DAYS - 1 if index < DUE else DAYS + 1))


def _recording(index: int, at: datetime) -> dict[str, Any]:
    text, seconds = to_text(at), 3_660 if index % RARELY == 0 else 180
    return {
        "id": _recording_id(index),
        "call": _call_id(index),
        "line": LINES[index % len(LINES)],
        "state": State.SEALED.value,
        "policy": "ab" * 32,
        "node": NODE,
        "rate": 8000,
        "created_at": text,
        "started_at": text,
        "ended_at": text,
        "due_at": _due_at(index, at),
        "size": 3_500_000,
        "chain": os.urandom(32),
        "segments": 36,
        "generation": 1,
        "stretch": 1,
        "consumed": 2_880_000,
        "frames": seconds * 8_000,
        "seconds": seconds,
    }


def _key(index: int) -> dict[str, Any]:
    return {
        "recording": _recording_id(index),
        "generation": 1,
        "epoch": "00" * 8,
        "wrapped": os.urandom(_WRAPPED),
        "sha256": "ab" * 32,
    }


def _term(index: int, at: datetime) -> dict[str, Any]:
    return {
        "recording": _recording_id(index),
        "purpose": "quality",
        "basis": "consent",
        "keep_count": DAYS,
        "keep_unit": "days",
        "expires_at": _due_at(index, at),
        "ended_by": "",
    }
