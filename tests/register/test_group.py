"""The laws of shared commits: who returns is written, who fails is undone alone, nobody waits for nobody."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event, text

from asterisk_gdpr.adapters.register.group import MOST, Full, Undone, Writer

SLOW = 0.05


def stands(connection: Connection) -> bool:
    """Whether its transaction is open."""
    raw = connection.connection.dbapi_connection
    return isinstance(raw, sqlite3.Connection) and raw.in_transaction


class Book:
    """A table of numbers, and a disk that takes its time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits = 0
        self.fails = False
        self.engine = create_engine(f"sqlite:///{path}", pool_size=MOST)
        event.listen(self.engine, "connect", self._made)
        event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        event.listen(self.engine, "commit", self._commit)
        with closing(sqlite3.connect(path)) as made, made:
            made.execute("CREATE TABLE numbers (number INTEGER UNIQUE)")
        self.writer = Writer(self.engine.connect, stands, patience=5.0)

    def add(self, number: int, *, fails: bool = False) -> None:
        """Write a number, and raise afterwards if it is to fail."""
        with self.writer.write() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
            if fails:
                raise KeyError(number)

    def numbers(self) -> list[int]:
        """What is on the disk, as another process sees it."""
        with closing(sqlite3.connect(self.path)) as other:
            return [row[0] for row in other.execute("SELECT number FROM numbers ORDER BY number")]

    @staticmethod
    def _made(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None

    def _commit(self, _connection: Connection) -> None:
        self.commits += 1
        time.sleep(SLOW)
        if self.fails:
            raise OSError("the disk is gone")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """An empty one."""
    book = Book(tmp_path / "book.db")
    yield book
    book.engine.dispose()


def together(acts: list[Callable[[], None]]) -> list[Exception | None]:
    """What each of these raised, done at the same time."""
    came: list[Exception | None] = [None] * len(acts)

    def do(at: int) -> None:
        try:
            acts[at]()
        except Exception as error:
            came[at] = error

    threads = [threading.Thread(target=do, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    return came


def test_those_who_write_at_the_same_time_share_a_commit(book: Book) -> None:
    """Twenty writes take a few commits, and each is on the disk when it returns."""

    def add_and_look(number: int) -> None:
        book.add(number)
        assert number in book.numbers()

    assert together([partial(add_and_look, number) for number in range(20)]) == [None] * 20
    assert book.numbers() == list(range(20))
    assert book.commits <= 5


@pytest.mark.parametrize("turn", range(3))
def test_one_that_fails_is_undone_alone(book: Book, turn: int) -> None:
    """Whoever of them raises, first, last or in between, the others are written, and nothing of those."""
    failing = [each % 3 == turn for each in range(12)]
    came = together([partial(book.add, each, fails=fails) for each, fails in enumerate(failing)])

    assert [isinstance(error, KeyError) for error in came] == failing
    assert book.numbers() == [each for each, fails in enumerate(failing) if not fails]


def test_a_commit_that_fails_fails_for_all_in_it(book: Book) -> None:
    """Nobody is told that something was written which was not; the next one begins anew."""
    book.fails = True
    came = together([partial(book.add, number) for number in range(8)])
    assert all(isinstance(error, OSError) for error in came)
    assert book.numbers() == []
    book.fails = False
    book.add(1)

    assert book.numbers() == [1]


def test_what_the_database_undid_is_not_called_written(book: Book) -> None:
    """A database that gave up on the transaction by itself, as on a full disk, has written nothing of it."""
    with pytest.raises(Undone), book.writer.write() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (1)"))
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.rollback()
    book.add(2)

    assert book.numbers() == [2]


def test_who_waits_too_long_is_told_so(book: Book) -> None:
    """A turn that does not come within the patience is an error, and keeps nobody else from returning."""
    writer = Writer(book.engine.connect, stands, patience=0.05)
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with writer.write() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (1)"))
            inside.set()
            leave.wait(5)

    def hurry() -> None:
        inside.wait(5)
        try:
            with writer.write():
                pass
        finally:
            leave.set()

    held, hurried = together([hold, hurry])

    assert held is None and isinstance(hurried, Full)
    assert book.numbers() == [1]


def test_nobody_writes_beside_who_must_be_alone(book: Book) -> None:
    """Who must be alone finds everything committed, and nothing is written until they have gone."""
    book.add(1)
    with book.writer.alone(1.0):
        writing = threading.Thread(target=book.add, args=(2,))
        writing.start()
        time.sleep(0.1)
        assert book.numbers() == [1]
    writing.join(5)

    assert book.numbers() == [1, 2]
