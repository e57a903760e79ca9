"""Finding what is due among a million recordings."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from asterisk_gdpr.adapters.register import SqlRegister, open_register, upgrade
from bench.figure import Line, Run, Target, alternating, median, milliseconds, ratio
from bench.machine import folder_on_disk
from bench.registers import DUE, Filling, fill

TITLE = "finding what is due"
RIVAL = "the same among 10,000"

SMALL = 10_000


def measure(run: Run) -> Iterable[Line]:
    """The question of every sweep, put to a large and to a small register in turn; in each 100 are due."""
    large = run.pick(1_000_000, 100_000)
    now = datetime.now(UTC)
    times: dict[int, list[float]] = {large: [], SMALL: []}
    with folder_on_disk() as folder, ExitStack() as opened:
        registers = {count: _register(run, folder, count, now) for count in times}
        for register in registers.values():
            opened.callback(register.close)
            _ask(register, now)
        for count in alternating(200, *times):
            times[count].append(_ask(registers[count], now))
    ours, rival = times.values()
    yield Line(
        f"{TITLE} among {large:,}",
        milliseconds(ours),
        f"among {SMALL:,} {milliseconds(rival)}",
        ratio(median(ours), median(rival)),
        Target(2.0),
    )


def _register(run: Run, folder: Path, count: int, now: datetime) -> SqlRegister:
    began = time.monotonic()
    file = folder / f"{count}.db"
    upgrade(f"sqlite:///{file}")
    fill(file, Filling(count, now, lambda call, _: call.encode() * 70, lambda number: number.encode()))
    run.say(
        f"{count:,} recordings made in {time.monotonic() - began:.0f} s ({file.stat().st_size / 1e6:.0f} MB)"
    )
    return open_register(f"sqlite:///{file}")


def _ask(register: SqlRegister, now: datetime) -> float:
    began = time.perf_counter()
    found = register.due(now)
    took = time.perf_counter() - began
    assert len(found) == DUE
    return took
