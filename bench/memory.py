"""Memory of the daemon's sealer and of the spool while many calls grow for half an hour, replayed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.sound import RATE, Samples
from bench.figure import Line, Run, Target, ratio
from bench.machine import folder_in_memory, folder_on_disk, held_by, resident
from bench.sealer import Sealer, sealer_in
from bench.voices import dialogue

TITLE = "memory while calls grow"
RIVAL = "itself, after one minute"

BLOCK = 32768
"""Bytes that Asterisk writes at once to each leg: 2.048 s."""
_BLOCK_SECONDS = BLOCK / RATE / 2
_LOOKS = 4
"""Looks at the legs in a second, and one transaction: as the daemon does."""
_WINDOW = 10
"""Seconds before a mark of which the highest value counts."""


class Drain:
    """Plays the vault: it keeps how long containers are, and not the gigabytes that they would hold."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}

    def append(self, name: str, at: int, data: bytes) -> None:
        """Count it."""
        self._sizes[name] = at + len(data)

    def size(self, name: str) -> int | None:
        """How much was counted."""
        return self._sizes.get(name)

    def close(self, name: str) -> None:
        """Nothing more comes, and nothing was kept that could be closed."""
        self._sizes.setdefault(name, 0)

    def read(self, name: str, offset: int, length: int) -> bytes:  # noqa: ARG002  # whatever is asked for
        """Nothing was kept, so there is no such container; a sealer that was not restarted asks for none."""
        raise Unreachable("There is no such container.", id="vault-unreachable")

    def delete(self, name: str) -> None:
        """Forget it."""
        self._sizes.pop(name, None)

    def names(self) -> Iterator[str]:
        """What was counted."""
        return iter(self._sizes)


@dataclass
class Held:
    """The highest bytes in each window, by the minute at its end."""

    process: dict[int, int] = field(default_factory=dict)
    spool: dict[int, int] = field(default_factory=dict)

    def note(self, minute: int, process: int, spool: int) -> None:
        """Keep what is higher."""
        self.process[minute] = max(process, self.process.get(minute, 0))
        self.spool[minute] = max(spool, self.spool.get(minute, 0))


def measure(run: Run) -> Iterable[Line]:
    """A process of its own, so that nothing else is counted with it."""
    calls, minutes = run.pick((100, 30), (20, 10))
    marks = (1, minutes)
    left, right = dialogue(programs())
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        held = pool.apply(replay, (calls, marks, left, right))
    for what, by_minute in (("daemon", held.process), ("spool", held.spool)):
        first, last = (by_minute[minute] for minute in marks)
        yield Line(
            f"{TITLE}: {what}, {calls} calls",
            f"{last / 1e6:.1f} MB after {minutes} min",
            f"{first / 1e6:.1f} MB after 1 min",
            ratio(last, first),
            Target(1.2),
        )


def replay(calls: int, marks: tuple[int, ...], left: Samples, right: Samples) -> Held:
    """Let calls grow as Asterisk would, one after the other within its two seconds, faster than time."""
    from asterisk_gdpr.bootstrap import daemon  # noqa: F401  # loaded, so that the process is as big as it is

    held = Held()
    with (
        folder_on_disk() as folder,
        folder_in_memory() as spool,
        sealer_in(folder, spool, Drain()) as sealer,
    ):
        sealer.clock.stand()
        growing = [sealer.begin(sealer.take_call()) for _ in range(calls)]
        written = [0] * calls
        for step in range(60 * max(marks) * _LOOKS):
            now = step / _LOOKS
            for number, each in enumerate(growing):
                if now >= (written[number] + number / calls) * _BLOCK_SECONDS:
                    each.grow(*(_block(side, number, written[number]) for side in (left, right)))
                    written[number] += 1
            _look(sealer, step)
            for minute in marks:
                if step % _LOOKS == 0 and 60 * minute - _WINDOW <= now < 60 * minute:
                    held.note(minute, resident(), held_by(spool))
    return held


def _look(sealer: Sealer, step: int) -> None:
    sealer.sealing.look()
    if step % _LOOKS == 0:
        for _, error in sealer.sealing.tick():
            raise error
    sealer.clock.passed += timedelta(seconds=1 / _LOOKS)


def _block(sound: Samples, call: int, number: int) -> bytes:
    """What a call says in these two seconds; no two calls are at the same place of the dialogue."""
    start = (call * 7919 + number) * BLOCK // 2 % (len(sound) - BLOCK // 2)
    return np.ascontiguousarray(sound[start : start + BLOCK // 2]).tobytes()
