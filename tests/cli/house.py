"""An installation as `init` makes it, with keys that are cheap to guess; commands run in this process."""

from __future__ import annotations

import grp
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argon2 import PasswordHasher

from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.cli.console import Console
from asterisk_gdpr.cli.main import run
from asterisk_gdpr.ports import CallRow, Evidence
from asterisk_gdpr.seal.passphrase import Cost
from asterisk_gdpr.service.keys.keeper import seal_number
from asterisk_gdpr.service.sealing.manifests import describe
from asterisk_gdpr.service.sealing.sealing import Sealing

PASSPHRASE = "a horse of another colour"
ESCROW = "a colour of another horse"
NUMBER = "+4930901820"
RECORDING = "r0123456789abcdef"
CHEAP = Cost(memory_kib=32, iterations=1, lanes=1)
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RATE = 8000

APPROVED = "approved: {by: Example Person, date: 2026-11-01, advice: followed}\n"


@dataclass
class HandClock:
    """A clock that stands until it is moved, and the uptime of a machine that runs by it."""

    time: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def boot(self) -> str:
        return "boot1"

    def seconds(self) -> float:
        return self.time.timestamp()


@dataclass
class House:
    """Runs commands on one installation; `out` and `err` are what the last one said."""

    folder: Path
    capsys: pytest.CaptureFixture[str] | None
    clock: HandClock = field(default_factory=HandClock)
    out: str = ""
    err: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def passphrase(self) -> Path:
        return self.folder.parent / "passphrase"

    def __call__(self, *arguments: str | Path) -> int:
        """Run a command; returns its exit status."""
        assert self.capsys is not None
        self.capsys.readouterr()
        status = run([str(each) for each in arguments], self.console())
        self.out, self.err = self.capsys.readouterr()
        assert "Traceback" not in self.err
        return status

    def json(self, *arguments: str | Path, status: int = 0) -> Any:
        """Run a command with --json and read what it says."""
        assert self(*arguments, "--json") == status, self.err
        return json.loads(self.out)

    def console(self) -> Console:
        return Console(self.config, self.clock, CHEAP, HASHER, self.clock)

    def open(self) -> Installation:
        return self.console().load()

    def kinds(self) -> list[str]:
        """The kinds of the ledger's entries, in order."""
        installation = self.open()
        kinds = [entry.kind for entry in installation.register().entries()]
        installation.close()
        return kinds

    def count_entries(self) -> int:
        """How long the ledger is, without opening the register as the product does."""
        with closing(sqlite3.connect(self.folder / "state/register.db")) as register:
            (count,) = register.execute("SELECT count(*) FROM ledger").fetchone()
        return int(count)

    def approve(self) -> None:
        policy = self.folder / "policy.yaml"
        policy.write_text(policy.read_text() + APPROVED)

    def record(self, recording: str, purposes: Sequence[str] = ("quality",), seconds: float = 2.0) -> None:
        """Record and seal a call of `NUMBER` on the line sales."""
        installation = self.open()
        register, now = installation.register(), self.clock.now()
        public, policy = installation.vault_public_key(), installation.policy()
        call = f"c{recording[1:]}"
        register.add_call(
            CallRow(
                id=call,
                channel="channel-1",
                linkedid="linked-1",
                line="sales",
                language="en",
                node=installation.config.node,
                policy=policy.version,
                arrived_at=now,
                caller_sealed=seal_number(public, call, NUMBER),
                caller_index=installation.index_of(NUMBER),
                caller_epoch=public.id,
            )
        )
        facts = {"language": "en", "notice": [], "keys": [{"digit": "1", "at": "2026-11-23T12:00:00.000Z"}]}
        register.commit_choice(Evidence(call, now, "agreed", facts))
        spool = installation.spool()
        sealing = Sealing(
            register,
            installation.vault(),
            spool,
            public,
            installation.signing_key(),
            partial(describe, register),
            self.clock,
            installation.config.node,
        )
        legs = sealing.prepare(recording, call, "sales", policy, purposes, RATE)
        for leg, hz in ((legs.left, 400), (legs.right, 1000)):
            Path(leg).write_bytes(tone(hz, seconds))
        sealing.look()
        assert sealing.close(recording, now + timedelta(seconds=seconds))
        register.end_call(call, now + timedelta(seconds=seconds), "ended_after_talk")
        installation.close()


def tone(hz: int, seconds: float) -> bytes:
    """A mono leg with a tone in it."""
    wave = 8000 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    samples: bytes = wave.astype("<i2").tobytes()
    return samples


def set_up(folder: Path, *options: str) -> int:
    """Run `init` in a folder, with the files of its passphrases beside it."""
    (folder.parent / "passphrase").write_text(PASSPHRASE + "\n")
    (folder.parent / "escrow-passphrase").write_text(ESCROW + "\n")
    arguments = [
        *("init", str(folder)),
        *("--passphrase-file", str(folder.parent / "passphrase")),
        *("--escrow-passphrase-file", str(folder.parent / "escrow-passphrase")),
        *("--spool", str(folder.parent / "spool")),
        *("--run-dir", str(folder.parent / "run")),
        *("--group", grp.getgrgid(os.getegid()).gr_name),  # whether or not an Asterisk is installed here
        *options,
    ]
    return run(arguments, Console(folder / "config.yaml", HandClock(), CHEAP, HASHER))
