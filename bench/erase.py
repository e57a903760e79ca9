"""Erasing, recordings a second: keys destroyed, containers deleted, all of it verified and certified."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.sound import RATE
from asterisk_gdpr.service.erasing.destruction import Destruction
from asterisk_gdpr.service.erasing.erasure import Erasure
from bench.figure import Line, Run, Target, median, ratio
from bench.machine import folder_in_memory, folder_on_disk, program
from bench.sealer import Sealer, sealer_in
from bench.voices import dialogue

TITLE = "erasing, recordings a second"
RIVAL = "`shred` and `rm` of copies of the same files"

_SECONDS = 180
"""Of audio in each recording: a container of 3.5 MB."""


def measure(run: Run) -> Iterable[Line]:
    """Recordings whose time has come, by the sweep that the daemon makes; their copies by the rival."""
    rounds, batch = run.pick((6, 50), (2, 25))
    rates: dict[str, list[float]] = {"ours": [], "rival": []}
    with folder_on_disk() as folder, folder_in_memory() as spool, sealer_in(folder, spool) as sealer:
        erasure = _erasure(sealer)
        shred = program("shred", "coreutils")
        for number in range(rounds):
            recordings = _recordings(sealer, batch)
            copies = _copies(folder, number)
            sealer.clock.passed += timedelta(days=100)
            for who in ("ours", "rival") if number % 2 else ("rival", "ours"):
                took = _erased(erasure, sealer, recordings) if who == "ours" else _shredded(shred, copies)
                rates[who].append(batch / took)
    ours, rival = (median(each) for each in rates.values())
    yield Line(
        TITLE, f"{ours:.0f}/s", f"shred + rm {rival:.0f}/s", ratio(ours, rival), Target(1.0, at_least=True)
    )


def _erasure(sealer: Sealer) -> Erasure:
    destruction = Destruction(
        sealer.register, sealer.vault, sealer.spool, sealer.signing_key, sealer.clock, lambda _: True
    )
    return Erasure(sealer.register, destruction, sealer.clock)


def _recordings(sealer: Sealer, count: int) -> Sequence[str]:
    left, right = (np.resize(side, _SECONDS * RATE) for side in dialogue(programs()))
    return [sealer.seal(left, right) for _ in range(count)]


def _copies(folder: Path, number: int) -> Sequence[Path]:
    """What lies in the vault now, copied; on disk before anything is timed."""
    place = folder / f"copies-{number}"
    shutil.copytree(folder / "vault", place)
    os.sync()
    return list(place.rglob("*.agdpr"))


def _erased(erasure: Erasure, sealer: Sealer, recordings: Sequence[str]) -> float:
    began = time.perf_counter()
    erasure.tick()
    took = time.perf_counter() - began
    for recording in recordings:
        assert sealer.register.recording(recording).state is State.ERASED
        assert sealer.register.certificate(recording)
    return took


def _shredded(shred: Sequence[str], copies: Sequence[Path]) -> float:
    """At its defaults: three passes, each brought to the disk; one process for all files."""
    names = [str(path) for path in copies]
    began = time.perf_counter()
    subprocess.run([*shred, *names], check=True)
    subprocess.run(["rm", *names], check=True)
    return time.perf_counter() - began
