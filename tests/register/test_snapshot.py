"""A copy of a register that others write to all the while."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.register import open_register
from asterisk_gdpr.adapters.register.snapshot import copy_register, ledger_head_of
from asterisk_gdpr.core.ledger import verify
from tests.register.samples import noon, second

pytestmark = pytest.mark.thorough


def test_a_copy_is_of_one_moment_while_calls_go_on(url: str, tmp_path: Path) -> None:
    """What is written meanwhile delays no writer and no copy; the copy is whole, and its ledger verifies."""
    with closing(open_register(url)) as register:
        with register.transaction():
            for number in range(300):
                register.record("listened", {"recording": f"r{number}", "why": "x" * 4000}, noon)
        stop, written = threading.Event(), []

        def write() -> None:
            while not stop.is_set():
                written.append(register.record("listened", {"user": "jo"}, noon + second))

        writing = threading.Thread(target=write)
        writing.start()
        try:
            copies = [tmp_path / f"copy-{number}.db" for number in range(2)]
            for copy in copies:
                copy_register(url, copy)
        finally:
            stop.set()
            writing.join(20)
        assert len(written) > len(copies)

    heads = [ledger_head_of(copy)[0] for copy in copies]
    assert 300 <= heads[0] <= heads[1] <= 300 + len(written)
    for copy in copies:
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with closing(open_register(f"sqlite:///{copy}")) as again:
            assert verify(list(again.entries(0, 100_000))).ok
