"""`make bench`: measure the figures, all or some, and print one table.

python -m bench [--quick] [NAME,NAME ...]
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType

from asterisk_gdpr.errors import GdprError, Misuse
from asterisk_gdpr.rig.debian import programs
from bench.figure import HEAD, Line, Run, table

FIGURES = (
    "notice",
    "calls",
    "overload",
    "cpu",
    "withdrawal",
    "seal",
    "opus",
    "memory",
    "due",
    "erase",
    "search",
    "seek",
)
"""The names of the figures, each a module of this package, in the order of docs/figures.md."""


def chosen(what: str) -> Mapping[str, ModuleType]:
    """The modules of the figures that are named, or all; raises Misuse for a name that is none."""
    names = [name.strip() for name in what.split(",") if name.strip()] or list(FIGURES)
    for name in names:
        if name not in FIGURES:
            raise Misuse(f"There is no figure {name!r}.", hint=f"There are {', '.join(FIGURES)}.")
    return {name: import_module(f"bench.{name}") for name in FIGURES if name in names}


def measured(figures: Mapping[str, ModuleType], run: Run, failed: list[str]) -> Iterator[Line]:
    """The lines of all figures; one that cannot be measured is put into `failed`, and the others go on."""
    for name, figure in figures.items():
        run.say(f"{name}: {figure.TITLE}, beside {figure.RIVAL}")
        began = time.monotonic()
        try:
            yield from figure.measure(run)
        except GdprError as error:
            run.say(f"{name} cannot be measured: {error}")
            failed.append(name)
        run.say(f"{name}: {time.monotonic() - began:.0f} s")


def _tell_machine(run: Run) -> None:
    """What it is measured on; what else runs there disturbs, and the reader should know."""
    cores = os.cpu_count()
    run.say(f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}")
    run.say(f"Asterisk {programs().version}; load before: {os.getloadavg()[0]:.1f}")


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; 0 unless a figure could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the product's figures.")
    parser.add_argument("what", nargs="?", default="", help=f"of {','.join(FIGURES)}; all if left out")
    parser.add_argument("--quick", action="store_true", help="shorter runs, which say less")
    given = parser.parse_args(arguments)
    run = Run(quick=given.quick)
    try:
        figures = chosen(given.what)
    except Misuse as error:
        print(error, file=sys.stderr)
        return error.exit_code
    # Whoever is told to end leaves nothing behind: what was started and made goes with what holds it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _tell_machine(run)
    failed: list[str] = []
    lines = list(measured(figures, run, failed))
    print(table([HEAD, *(line.cells for line in lines)]))
    if run.quick:
        print("Shorter runs (QUICK=1): these say whether it works, and little of how well.")
    if failed:
        print(f"Not measured: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
