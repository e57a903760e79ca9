"""What the register on a file does beyond its contract: modes, locks, journals, plans, crashes."""

from __future__ import annotations

import itertools
import os
import secrets
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from subprocess import PIPE

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine

from asterisk_gdpr.adapters.register import SqlRegister, migrate, open_register, upgrade
from asterisk_gdpr.adapters.register.tables import metadata
from asterisk_gdpr.core.ledger import Verdict, verify
from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.errors import Damaged, Refused, Unreachable
from asterisk_gdpr.ports import Search
from asterisk_gdpr.service.proof.ledger import verify_book
from tests.register.samples import (
    call,
    day,
    key,
    noon,
    prepare,
    progress,
    recording,
    seal,
    term,
)


def schema(path: Path) -> set[str]:
    """Every column, key and index of every table; a column that came later stands at another place."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        made = {"".join(sql.split()) for kind, _, sql in rows if kind == "index" and sql}
        for name in {name for kind, name, _ in rows if kind == "table" and name != "alembic_version"}:
            columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
            keys = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
            made |= {f"{name} column {column[1:]}" for column in columns}
            made |= {f"{name} refers {key[2:]}" for key in keys}
    return made


def files(path: Path) -> bytes:
    """The bytes of the register and of everything that SQLite keeps beside it."""
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def test_migrations_make_the_tables(empty_file: Path, tmp_path: Path) -> None:
    """The migrations make exactly the tables that the program is written for."""
    engine = create_engine(f"sqlite:///{tmp_path}/model.db")
    metadata.create_all(engine)
    engine.dispose()

    assert schema(empty_file) == schema(tmp_path / "model.db")


def test_what_an_older_page_restricted_can_be_lifted(url: str, tmp_path: Path) -> None:
    """A restriction that stood as a flag alone becomes one that no period ends and that can be lifted."""
    with closing(open_register(url)) as register:
        register.restrict(seal(register, "1"), noon, "needed-for-claim")
        register.restrict(seal(register, "2"), noon, "withdrawn")
    migrated_by("0020_liftable", url)

    with closing(open_register(url)) as register:
        (restriction,) = register.restrictions()
        assert (restriction.recording, restriction.ground, restriction.at) == ("r1", "claims", noon)
        assert [each.id for each in register.due(noon + 9999 * day)] == ["r2"]
        register.lift_restriction(restriction.id, noon + day)
        assert not register.recording("r1").restricted


VERSIONS = sorted(path.name[:4] for path in (migrate.migrations / "versions").glob("*.py"))


@pytest.mark.parametrize("version", VERSIONS[-3:-1])
def test_an_upgrade_finds_the_calls_alive(
    version: str, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A register of an earlier release, with a call in the talk, is brought up to date around that call."""
    with closing(open_register(url)) as register:
        prepare(register, "1", term("r1"))
        register.note_capture("c1", "MixMonitor-1")
    older = tmp_path / "older.db"
    with monkeypatch.context() as then:
        then.setattr(migrate, "newest", version)
        upgrade(f"sqlite:///{older}")
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("ATTACH ? AS newest", (str(tmp_path / "register.db"),))
        connection.execute("PRAGMA foreign_keys = OFF")
        for (table,) in connection.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table'"
        ).fetchall():
            if table in ("alembic_version", "sqlite_sequence"):
                continue
            known = [
                {row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})")}
                for schema in ("main", "newest")
            ]
            columns = ", ".join(f'"{name}"' for name in sorted(known[0] & known[1]))
            connection.execute(f"DELETE FROM main.{table}")
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newest.{table}")
    upgrade(f"sqlite:///{older}")

    with closing(open_register(f"sqlite:///{older}")) as old, closing(open_register(url)) as new:
        (alive,) = old.calls_alive("node1")
        assert (alive.id, alive.capture, alive.recording) == ("c1", "MixMonitor-1", "r1")
        assert [alive] == list(new.calls_alive("node1"))
        for ask in ("progress", "keys", "terms", "recording"):
            assert getattr(old, ask)("r1") == getattr(new, ask)("r1")


def migrated_by(name: str, url: str) -> None:
    """One migration is done anew, by itself, on a register that has the newest schema."""
    spec = spec_from_file_location(name, migrate.migrations / "versions" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    engine = create_engine(url)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        module.upgrade()
    engine.dispose()


def test_newest_version_is_the_last_migration() -> None:
    """The version that the program asks for is that of its last migration."""
    versions = sorted(path.name for path in (migrate.migrations / "versions").glob("*.py"))

    assert versions[-1].startswith(f"{migrate.newest}_")


@pytest.mark.parametrize("instead", [False, True])
def test_a_register_that_was_taken_away_takes_nothing(url: str, tmp_path: Path, instead: bool) -> None:
    """What is committed lies in the file of that name: one deleted or replaced is not written to."""
    file, away = tmp_path / "register.db", tmp_path / "away.db"
    with closing(open_register(url)) as register:
        register.add_call(call("c1"))
        file.rename(away)
        if instead:
            file.write_bytes(away.read_bytes())
        for act in (lambda: register.add_call(call("c2")), register.calls):
            with pytest.raises(Unreachable):
                act()
        away.replace(file)
        register.add_call(call("c2"))

        assert len(register.calls()) == 2


def test_another_schema_is_refused(url: str, tmp_path: Path) -> None:
    """A register of another schema is refused, and neither opened nor changed."""
    with closing(sqlite3.connect(tmp_path / "register.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    for act in (open_register, upgrade):
        with pytest.raises(Refused) as refused:
            act(url)
        assert refused.value.id == "register-outdated"


@pytest.mark.parametrize("address", ["nonsense", "sqlite://", "mysql://host/base"])
def test_other_addresses_are_refused(address: str) -> None:
    """An address that is not that of an SQLite file or a PostgreSQL database is refused."""
    with pytest.raises(Refused) as refused:
        open_register(address)
    assert refused.value.id == "register-url"


def test_missing_register_is_not_made(tmp_path: Path) -> None:
    """Opening a register that is not there makes none: it is away."""
    with pytest.raises(Unreachable):
        open_register(f"sqlite:///{tmp_path}/register.db")
    with pytest.raises(Unreachable):
        upgrade(f"sqlite:///{tmp_path}/no/folder/register.db")
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_no_register(tmp_path: Path) -> None:
    """A file that is no database is named as damaged, and left as it is."""
    (tmp_path / "register.db").write_bytes(b"something else" * 100)

    with pytest.raises(Damaged):
        open_register(f"sqlite:///{tmp_path}/register.db")
    assert (tmp_path / "register.db").read_bytes() == b"something else" * 100


def test_only_the_owner_reads(tmp_path: Path) -> None:
    """Whatever the umask, only its owner reads the register and its journal."""
    path = tmp_path / "register.db"
    before = os.umask(0)
    try:
        upgrade(f"sqlite:///{path}")
        register = open_register(f"sqlite:///{path}")
        register.add_call(call())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        register.close()
    finally:
        os.umask(before)

    assert modes == {"register.db": 0o600, "register.db-wal": 0o600, "register.db-shm": 0o600}


def test_locked_register_is_unreachable(url: str, tmp_path: Path) -> None:
    """While another process holds the register, a write is unreachable, a read is not."""
    register = open_register(url, patience=0.02)
    with closing(sqlite3.connect(tmp_path / "register.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(Unreachable):
            register.add_call(call())
        assert not register.ready()
        assert not register.checkpoint()
        assert register.calls() == []
    assert register.ready()
    register.close()


def test_reader_holds_up_the_checkpoint(url: str, tmp_path: Path) -> None:
    """A checkpoint that a reader holds up says so; once the reader is gone it empties the journal."""
    sql = open_register(url, patience=0.02)
    journal = tmp_path / "register.db-wal"
    sql.add_call(call())
    with closing(sqlite3.connect(tmp_path / "register.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM calls").fetchone()
        sql.add_call(call("c2"))

        assert not sql.checkpoint()
    assert sql.checkpoint()
    assert journal.stat().st_size == 0
    sql.close()


def test_errors_tell_no_data(sql: SqlRegister) -> None:
    """An error of the database, with all that it was caused by, tells nothing of what was written."""
    sql.add_call(call(channel="PJSIP/secret-channel"))

    with pytest.raises(Refused) as refused:
        sql.add_call(call(channel="PJSIP/secret-channel"))

    error: BaseException | None = refused.value
    while error is not None:
        assert "secret" not in repr(error) + str(error)
        error = error.__cause__ or error.__context__


@pytest.mark.thorough
def test_destroyed_bytes_are_nowhere(sql: SqlRegister, path: Path) -> None:
    """After an erasure no part of the wrapped key, the number or its index is in any file of the register."""
    gone: list[bytes] = []
    kept: list[bytes] = []
    for number in range(10):
        sealed, index, wrapped = secrets.token_bytes(1168), secrets.token_bytes(16), secrets.token_bytes(1168)
        sql.add_call(call(f"c{number}", caller_sealed=sealed, caller_index=index))
        made = recording(f"r{number}", f"c{number}")
        sql.add_recording(made, key(made.id, wrapped=wrapped), [term(made.id)], progress(made.id))
        sql.seal_recording(progress(made.id, 80), noon)
        if number % 4:
            gone += [sealed, wrapped]
            sql.add_tombstone(Tombstone(made.id, Reason.REQUESTED, noon, noon))
            sql.destroy_keys(made.id, noon)
        else:
            kept += [sealed, index, wrapped]
    payload = {"recording": "r0", "note": secrets.token_hex(40)}
    sql.erase_payloads([sql.record("listened", payload, noon).seq])
    gone.append(payload["note"].encode())

    assert sql.checkpoint()

    everything = files(path)
    assert all(bytes_ in everything for bytes_ in kept)
    parts = (whole[at : at + 16] for whole in gone for at in range(0, len(whole) - 15, 16))
    assert [part for part in parts if part in everything] == []


def flipped(value: object) -> Iterator[bytes | str]:
    """A value of a column with one bit changed, twice for each of its bytes."""
    whole = value if isinstance(value, bytes) else str(value).encode()
    for place, byte in enumerate(whole):
        for bit in {place % 8, 5}:
            changed = whole[:place] + bytes([byte ^ (1 << bit)]) + whole[place + 1 :]
            yield changed if isinstance(value, bytes) else changed.decode("latin-1")


def test_every_changed_column_of_an_entry_is_found_in_its_place(sql: SqlRegister, path: Path) -> None:
    """A bit that is flipped in any byte of an entry, in the register itself, is found with its place."""
    for number in range(3):
        sql.record("listened", {"recording": f"r{number}", "number": number}, noon)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM ledger WHERE seq = 2").fetchone()
        number = connection.execute("SELECT rowid FROM ledger WHERE seq = 2").fetchone()[0]
        for name in set(row.keys()) - {"seq"}:
            change = f"UPDATE ledger SET {name} = ? WHERE rowid = ?"
            for changed in flipped(row[name]):
                connection.execute(change, (changed, number))
                verdict = verify_book(sql)
                assert (verdict.ok, verdict.seq) == (False, 2), (name, changed)
            connection.execute(change, (row[name], number))
    assert verify_book(sql) == Verdict(True, 3)


@pytest.mark.parametrize("payload", [b"[]", b"7", b'{"a":1.5}', b"[" * 100_000, b'{"a":NaN}', b"\xff"])
def test_a_payload_that_is_none_is_found(sql: SqlRegister, path: Path, payload: bytes) -> None:
    """Whatever lies where a payload should, the answer is a verdict."""
    sql.record("listened", {"recording": "r1"}, noon)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE ledger SET payload = ?", (payload,))

    assert verify_book(sql).seq == 1
    assert not verify_book(sql).ok


def test_a_row_that_is_not_as_it_was_written_is_damage(sql: SqlRegister, path: Path) -> None:
    """A state, a time or a period that nobody can have written is called damage, and is no traceback."""
    made = prepare(sql)
    for change in (
        "recordings SET state = 'seale'",
        "calls SET arrived_at = '2026'",
        "terms SET basis = 'x'",
    ):
        table = change.partition(" ")[0]
        with closing(sqlite3.connect(path)) as connection, connection:
            kept = connection.execute(f"SELECT * FROM {table}").fetchall()
            connection.execute(f"UPDATE {change}")
        with pytest.raises(Damaged):
            sql.found(made)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"DELETE FROM {table}")
            marks = ", ".join("?" * len(kept[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", kept)
    assert sql.found(made).recording.id == made


def test_threads_share_it(sql: SqlRegister) -> None:
    """Threads that write and read at once lose nothing, and the ledger chains."""

    def work(mine: int) -> None:
        for number in range(3):
            prepare(sql, f"{mine}x{number}")
            sql.search(Search(limit=5))

    threads = [threading.Thread(target=work, args=(mine,)) for mine in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(sql.calls(limit=100)) == 12
    assert verify(sql.entries()) == Verdict(True, 24)


OTHER_PROCESS = """
import sys
from asterisk_gdpr.adapters.register import open_register
from tests.register.samples import noon, prepare
register = open_register(sys.argv[1])
print("ready", flush=True)
for number in range(10):
    prepare(register, f"other{number}")
sys.stdin.readline()
with register.transaction():
    prepare(register, "never")
    print("inside", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.thorough
def test_two_processes_and_a_kill(sql: SqlRegister, path: Path) -> None:
    """Two processes write at once; one killed inside a transaction leaves what it committed, and no lock."""
    command = [sys.executable, "-c", OTHER_PROCESS, f"sqlite:///{path}"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=PIPE, stdout=PIPE, text=True) as other:
        try:
            assert other.stdin and other.stdout and other.stdout.readline() == "ready\n"
            for number in range(10):
                prepare(sql, f"ours{number}")
            print(file=other.stdin, flush=True)
            assert other.stdout.readline() == "inside\n"
        finally:
            other.kill()

    prepare(sql, "after")
    ids = {found.id for found in sql.calls(limit=100)}
    assert ids == {f"c{who}{n}" for who, n in itertools.product(("ours", "other"), range(10))} | {"cafter"}
    assert verify(sql.entries()).ok
