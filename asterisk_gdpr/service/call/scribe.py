"""Writing for many calls at once: what waits to be written shares one transaction.

A commit brings the journal to the disk, which takes as long for one call as for fifty. So one thing is
written at a time, and what comes meanwhile is written together, next. Each piece is a part of its own
within the transaction: one that is refused is undone alone, and leaves the others as they are.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

MOST = 64
"""Pieces in one transaction: a long one would keep other processes from writing."""

T = TypeVar("T")


class Book(Protocol):
    """A register whose transactions can be nested."""

    def transaction(self) -> AbstractContextManager[None]: ...  # noqa: D102  # the class says it


@dataclass
class _Piece:
    act: Callable[..., Any]
    arguments: tuple[Any, ...]
    done: asyncio.Future[Any]
    since: float


_Outcome = tuple[Any, Exception | None]


class Scribe:
    """Writes to one register for the calls of one process; used from the event loop."""

    def __init__(self, register: Book) -> None:
        self._register = register
        self._waiting: deque[_Piece] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._oldest: float | None = None

    @property
    def behind(self) -> float:
        """For how many seconds the oldest piece has not been written yet."""
        return 0.0 if self._oldest is None else _now() - self._oldest

    @property
    def waiting(self) -> int:
        """How much waits to be written."""
        return len(self._waiting)

    async def write(self, act: Callable[..., T], *arguments: Any) -> T:
        """Have this done in a worker thread, and return or raise what came of it once it is committed.

        Whoever is cancelled meanwhile does not know whether it was written.
        """
        piece = _Piece(act, arguments, asyncio.get_running_loop().create_future(), _now())
        self._waiting.append(piece)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="scribe")
        done: T = await piece.done
        return done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                self._oldest = batch[0].since
                try:
                    outcomes = await asyncio.to_thread(self._together, batch)
                except BaseException:
                    for piece in batch:
                        piece.done.cancel()
                    raise
                for piece, (result, error) in zip(batch, outcomes, strict=True):
                    _tell(piece.done, result, error)
        finally:
            self._writing = self._oldest = None

    def _together(self, batch: Sequence[_Piece]) -> list[_Outcome]:
        if len(batch) == 1:
            return [_done(batch[0])]
        outcomes: list[_Outcome] = []
        try:
            with self._register.transaction():
                outcomes.extend(map(self._part, batch))
        except Exception as error:
            # Nothing of it is written: what had not failed by itself fails with it.
            known = [failure for _, failure in outcomes] + [None] * (len(batch) - len(outcomes))
            return [(None, failure or error) for failure in known]
        return outcomes

    def _part(self, piece: _Piece) -> _Outcome:
        try:
            with self._register.transaction():
                return piece.act(*piece.arguments), None
        except Exception as error:
            return None, error


def _done(piece: _Piece) -> _Outcome:
    try:
        return piece.act(*piece.arguments), None
    except Exception as error:
        return None, error


def _now() -> float:
    return asyncio.get_running_loop().time()


def _tell(done: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if done.done():
        return  # nobody waits for it any more
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
