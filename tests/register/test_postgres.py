"""What the register in PostgreSQL does beyond its contract: locks, a server that goes away, copies."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from asterisk_gdpr.adapters.register import SqlRegister, open_register, upgrade
from asterisk_gdpr.adapters.register.database import Database
from asterisk_gdpr.adapters.register.snapshot import copy_register, fill_register, ledger_head_of
from asterisk_gdpr.adapters.register.tables import metadata
from asterisk_gdpr.core.ledger import verify
from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import Alarm, Token
from asterisk_gdpr.rig.postgres import Postgres
from tests.register.samples import call, noon, prepare, seal, second
from tests.register.test_sqlite import OTHER_PROCESS

_names = (f"base{number}" for number in itertools.count())


@pytest.fixture
def empty(postgres_server: Postgres) -> str:
    """The address of a new database with nothing in it."""
    return postgres_server.make(next(_names))


@pytest.fixture
def url(empty: str) -> str:
    """The address of a new, empty register."""
    upgrade(empty)
    return empty


@pytest.fixture
def register(url: str) -> Iterator[SqlRegister]:
    """A register of one test's own."""
    with closing(open_register(url)) as register:
        yield register


def engine_of(url: str) -> Engine:
    """A way around the register."""
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:"))


def schema(url: str) -> set[str]:
    """Every column, key and index of every table."""
    engine, made = engine_of(url), set()
    found = inspect(engine)
    for name in set(found.get_table_names()) - {"alembic_version"}:
        made |= {
            f"{name} {each['name']} {each['type']} {each['nullable']} {each['autoincrement']}"
            for each in found.get_columns(name)
        }
        made |= {f"{name} {sorted(map(str, each.items()))}" for each in found.get_indexes(name)}
        made |= {f"{name} {sorted(map(str, each.items()))}" for each in found.get_foreign_keys(name)}
        made.add(f"{name} {found.get_pk_constraint(name)}")
    engine.dispose()
    return made


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """What the tables hold, as they hold it."""
    engine = engine_of(url) if url.startswith("postgresql") else create_engine(url)
    with engine.connect() as connection:
        held = {
            name: sorted(tuple(connection.execute(text(f'SELECT * FROM "{name}"')).mappings().all()), key=str)
            for name in metadata.tables
        }
    engine.dispose()
    return {name: [tuple(sorted(row.items())) for row in of] for name, of in held.items()}


@pytest.mark.thorough
def test_migrations_make_the_tables(url: str, empty: str, postgres_server: Postgres) -> None:
    """The migrations make in PostgreSQL exactly the tables that the program is written for."""
    model = postgres_server.make(next(_names))
    engine = engine_of(model)
    metadata.create_all(engine)
    engine.dispose()

    assert schema(url) == schema(model)


def test_numbers_have_64_bits(register: SqlRegister, url: str) -> None:
    """A number is as large in PostgreSQL as in SQLite, also one that the database counts up."""
    engine = engine_of(url)
    with engine.connect() as connection:
        small = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type IN ('integer', 'smallint')"
            )
        ).all()
    engine.dispose()
    assert small == []


@pytest.mark.thorough
def test_two_processes_and_a_kill(register: SqlRegister, url: str) -> None:
    """Two processes write at once; one killed inside a transaction leaves what it committed, and no lock."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, url], cwd=root, stdin=PIPE, stdout=PIPE, text=True
    ) as other:
        try:
            assert other.stdin and other.stdout and other.stdout.readline() == "ready\n"
            for number in range(10):
                prepare(register, f"ours{number}")
            print(file=other.stdin, flush=True)
            assert other.stdout.readline() == "inside\n"
        finally:
            other.kill()

    prepare(register, "after")
    ids = {found.id for found in register.calls(limit=100)}
    assert ids == {f"c{who}{n}" for who, n in itertools.product(("ours", "other"), range(10))} | {"cafter"}
    assert verify(register.entries()).ok


@pytest.mark.thorough
def test_a_write_waits_for_another_one(register: SqlRegister, url: str) -> None:
    """While another node writes a write waits, and gives up after its patience; reading goes on."""
    prepare(register, "1")
    with closing(open_register(url, patience=0.1)) as other:
        with register.transaction():
            prepare(register, "2")
            with pytest.raises(Unreachable):
                prepare(other, "3")
            assert not other.ready()
            assert [found.id for found in other.calls()] == ["c1"]
        prepare(other, "3")

    assert {found.id for found in register.calls()} == {"c1", "c2", "c3"}


def test_a_read_is_one_view(url: str, register: SqlRegister) -> None:
    """What is read in one go is of one moment, whatever others write meanwhile."""
    database = Database(url)
    count = text("SELECT count(*) FROM calls")
    with database.reading() as connection:
        assert connection.execute(count).scalar_one() == 0
        prepare(register, "1")
        assert connection.execute(count).scalar_one() == 0
    with database.reading() as connection:
        assert connection.execute(count).scalar_one() == 1
    database.close()


@pytest.mark.thorough
def test_a_server_that_goes_away(tmp_path: Path) -> None:
    """A server that is away makes the register unreachable, never a hang, and only until it is back."""
    with Postgres() as server:
        url = server.make("away")
        upgrade(url)
        with closing(open_register(url, patience=1.0)) as register:
            prepare(register, "1")
            server.stop()
            with pytest.raises(Unreachable):
                register.calls()
            with pytest.raises(Unreachable):
                prepare(register, "2")
            assert not register.ready()

            server.start()
            prepare(register, "3")
            assert {found.id for found in register.calls()} == {"c1", "c3"}


@pytest.mark.thorough
def test_killed_in_the_middle_of_a_write(tmp_path: Path) -> None:
    """A server that dies within a write leaves nothing of it, and the write says that it failed."""
    with Postgres() as server:
        url = server.make("killed")
        upgrade(url)
        with closing(open_register(url, patience=1.0)) as register:
            prepare(register, "1")
            with pytest.raises(Unreachable), register.transaction():
                prepare(register, "2")
                server.stop()
                prepare(register, "3")
            server.start()
            assert [found.id for found in register.calls()] == ["c1"]
            prepare(register, "2")
            assert verify(register.entries()).ok


def test_an_unsuitable_database_is_refused(postgres_server: Postgres) -> None:
    """A database that sorts texts otherwise than by their bytes is refused, and nothing is made in it."""
    url = postgres_server.make(
        next(_names), "--template=template0", "--locale-provider=icu", "--icu-locale=en"
    )
    with pytest.raises(Refused) as refused:
        upgrade(url)
    assert refused.value.id == "register-url"
    assert schema(url) == set()


def test_a_database_that_is_not_there(postgres_server: Postgres) -> None:
    """A database that is not there is unreachable, and none is made."""
    url = postgres_server.make(next(_names)).replace("base", "nobase")
    for act in (upgrade, open_register):
        with pytest.raises(Unreachable):
            act(url)


def test_a_refusal_tells_no_value(register: SqlRegister) -> None:
    """The database's own words about a row that it refuses are left out of the error, and so is its text."""
    register.add_call(call())
    with pytest.raises(Refused) as refused:
        register.add_call(call())
    assert "channel-of-c1" not in str(refused.value) and "c1)" not in str(refused.value)
    with pytest.raises(Refused):
        register.raise_alarm(Alarm("id", "a\0b", noon, "no text holds a NUL"))
    assert register.ready()


def filled(register: SqlRegister) -> None:
    """A register with something of many kinds in it, some of it overwritten."""
    for id in ("1", "2", "3"):
        seal(register, id)
    register.add_tombstone(Tombstone("r1", Reason.REQUESTED, noon, noon))
    register.destroy_keys("r1", noon)
    register.finish_erasure("r1", noon, b"a certificate")
    register.raise_alarm(Alarm("spool-full", "node1", noon, "a message"))
    register.add_token(Token("t1", b"digest", "quinn", "a token", frozenset({"read"}), noon, noon + second))
    register.put("node1", [("topic", b"payload")], noon)


@pytest.mark.thorough
def test_a_copy_is_the_same_in_either_database(
    register: SqlRegister, url: str, empty: str, postgres_server: Postgres, tmp_path: Path
) -> None:
    """A register is copied into a file and from there into another database, to the byte; numbers go on."""
    filled(register)
    copy_register(url, tmp_path / "copy.db")
    again = postgres_server.make(next(_names))
    fill_register(again, tmp_path / "copy.db")

    assert rows(again) == rows(url)
    head = register.head()
    assert head and ledger_head_of(tmp_path / "copy.db") == (head.seq, head.hash.hex())
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        ((wrapped,),) = connection.execute("SELECT wrapped FROM wrapped_keys WHERE recording = 'r1'")
        assert wrapped == bytes(len(wrapped)) != b""
    with closing(open_register(again)) as other:
        other.put("node1", [("topic", b"payload")], noon)
        one, two = other.waiting("node1", 9)
        assert one.number < two.number
        other.raise_alarm(Alarm("another", "node1", noon, "a message"))
        prepare(other, "4")
        assert verify(other.entries()).ok
