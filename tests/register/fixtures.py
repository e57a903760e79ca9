"""Registers to test: the real one in a file and in PostgreSQL, and the fake that stands for it elsewhere."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from asterisk_gdpr.adapters.register import SqlRegister, open_register, upgrade
from asterisk_gdpr.adapters.register.tables import metadata
from asterisk_gdpr.ports import Register
from asterisk_gdpr.rig.postgres import Postgres
from tests.fakes.register import MemoryRegister


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register's file that is up to date and empty, to be copied."""
    path = tmp_path_factory.mktemp("register") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def url(empty_file: Path, tmp_path: Path) -> str:
    """The address of a new, empty register."""
    shutil.copy(empty_file, tmp_path / "register.db")
    return f"sqlite:///{tmp_path}/register.db"


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, SqlRegister]]:
    """A real register for many tests: what is slow is the first time that an engine sees a statement."""
    path = tmp_path_factory.mktemp("register") / "lasting.db"
    upgrade(f"sqlite:///{path}")
    register = open_register(f"sqlite:///{path}")
    yield path, register
    register.close()


@pytest.fixture
def sql(lasting: tuple[Path, SqlRegister]) -> SqlRegister:
    """The real register, empty."""
    path, register = lasting
    _empty(path)
    return register


@pytest.fixture
def path(lasting: tuple[Path, SqlRegister]) -> Path:
    """The file of `sql`."""
    return lasting[0]


@pytest.fixture(scope="session")
def lasting_postgres(postgres_server: Postgres) -> Iterator[tuple[Engine, SqlRegister]]:
    """A real register in PostgreSQL, for many tests; and a way to empty it."""
    url = postgres_server.make("lasting")
    upgrade(url)
    register = open_register(url)
    emptying = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    yield emptying, register
    register.close()
    emptying.dispose()


@pytest.fixture
def postgres(lasting_postgres: tuple[Engine, SqlRegister]) -> SqlRegister:
    """The real register in PostgreSQL, empty."""
    emptying, register = lasting_postgres
    with emptying.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return register


@pytest.fixture(params=["memory", "sql", "postgres"])
def register(request: pytest.FixtureRequest) -> Register:
    """Each kind of register in turn, empty."""
    if request.param == "memory":
        return MemoryRegister()
    real: SqlRegister = request.getfixturevalue(request.param)
    return real


def _empty(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table != "alembic_version":
                connection.execute(f"DELETE FROM {table}")
