"""Writes of many threads in one transaction, where they come at the same time.

A commit brings the journal to the disk, which takes as long for one write as for fifty. So whoever writes
while others wait for their turn leaves the transaction open to the next of them, as a part that cannot be
undone by what comes after it; the last one commits for all, and nobody returns before that.

    first ──► second ──► third ──► commit ──► all three return
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

MOST = 32
"""Writes in one transaction: a long one would keep other processes from writing."""

LOOK = 0.02
"""Seconds after which who waits for a commit looks whether there is anybody left to make it."""


class Full(Exception):
    """The writer was not free in time."""


class Undone(Exception):
    """The database has undone the transaction by itself."""


class _Group:
    """Some writes in one transaction, and what became of it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.size = 0
        self.over = threading.Event()
        self.failed: Exception | None = None


class Writer:
    """The one writer of a database; `connect` gives a connection of which nothing has been asked yet.

    `stands` says whether a connection's transaction is still open.
    """

    def __init__(
        self, connect: Callable[[], Connection], stands: Callable[[Connection], bool], patience: float
    ) -> None:
        self._connect = connect
        self._stands = stands
        self._patience = patience
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write; committed, alone or with others, when the block has been left.

        What fails within it is undone alone. Raises Full when the turn does not come in time, Undone when
        the database has given up on all of it.
        """
        self._take_turn(self._patience)
        group = self._group
        try:
            if group is None:
                group = self._open()
                yield group.connection
            else:
                with group.connection.begin_nested():
                    yield group.connection
        except BaseException:
            self._leave(group, failed=True)
            raise
        group.size += 1
        self._leave(group, failed=False)
        self._await(group)

    @contextmanager
    def alone(self, patience: float) -> Iterator[None]:
        """Nobody writes meanwhile, and everything that was written is committed. Raises Full."""
        self._take_turn(patience)
        try:
            self._commit()
            yield
        finally:
            self._turn.release()

    # --- with the turn ------------------------------------------------------------------------

    def _take_turn(self, patience: float) -> None:
        with self._counting:
            self._waiting += 1
        try:
            if not self._turn.acquire(timeout=patience):
                raise Full
        finally:
            with self._counting:
                self._waiting -= 1

    def _open(self) -> _Group:
        connection = self._connect()
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        self._group = _Group(connection)
        return self._group

    def _leave(self, group: _Group | None, *, failed: bool) -> None:
        """Give the turn away; whoever leaves nobody behind commits, and a first one that failed undoes."""
        try:
            if group is None:
                return
            if failed and group.size == 0:
                self._group = None
                group.connection.close()
            elif self._waiting == 0 or group.size >= MOST:
                self._commit()
        finally:
            self._turn.release()

    def _commit(self) -> None:
        group, self._group = self._group, None
        if group is None:
            return
        try:
            if not self._stands(group.connection):
                raise Undone
            group.connection.commit()
        except Exception as error:
            group.failed = error
            group.connection.invalidate()  # nobody knows in which state it is
        finally:
            group.connection.close()
            group.over.set()

    # --- without it ---------------------------------------------------------------------------

    def _await(self, group: _Group) -> None:
        """The next in turn commits for us; where nobody came after all, we do."""
        while not group.over.wait(LOOK):
            if self._turn.acquire(blocking=False):
                try:
                    if self._group is group:
                        self._commit()
                finally:
                    self._turn.release()
        if group.failed is not None:
            raise group.failed
