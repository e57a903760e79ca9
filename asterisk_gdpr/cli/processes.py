"""`run`, `web` and `up`: the processes."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from asterisk_gdpr.cli.console import Console, console_of

PATIENCE = 15.0
"""Seconds that a process is given to end in order; the daemon seals what is left within that."""

Verbose = Annotated[bool, typer.Option("--verbose", help="Log more.")]


def run(context: typer.Context, verbose: Verbose = False) -> None:
    """Run beside Asterisk: notices, choices, capture, sealing, erasure."""
    from asterisk_gdpr.bootstrap.running import run as serve  # the heaviest import, and only this needs it

    prepare_process(verbose=verbose)
    with console_of(context).installation() as installation:
        installation.migrate()
        serve(installation)


def web(context: typer.Context, verbose: Verbose = False) -> None:
    """Serve the page, locked until somebody unlocks it."""
    from asterisk_gdpr.cli.page import serve_page  # imports Flask, which nothing else may

    prepare_process(verbose=verbose)
    console = console_of(context)
    with console.installation() as installation:
        serve_page(installation, console.hasher)


def up(context: typer.Context, verbose: Verbose = False) -> None:
    """Run both on one machine; when one ends, the other is ended too."""
    console = console_of(context)
    console.load()  # a fault is told once, not by both
    raise typer.Exit(_both(console, ["--verbose"] if verbose else []))


def prepare_process(*, verbose: bool) -> None:
    """What every long-running process needs: a log."""
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("alembic", "apscheduler", "aiohttp", "sqlalchemy", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _both(console: Console, options: Sequence[str]) -> int:
    children: list[subprocess.Popen[bytes]] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    signal.signal(signal.SIGHUP, partial(_pass_on, children))
    try:
        for name in ("run", "web"):
            children.append(subprocess.Popen(_command(console.config, name, options)))  # noqa: PERF401  # one that fails must not hide the other
        return _wait_for_any(children)
    except _Left:
        return 0
    finally:
        _end(children)


def _pass_on(children: Sequence[subprocess.Popen[bytes]], number: int, _frame: object) -> None:
    """A signal to us is meant for both."""
    for child in children:
        child.send_signal(number)


class _Left(Exception):
    """We were asked to end."""


def _leave(_number: int, _frame: object) -> NoReturn:
    raise _Left


def _command(config: Path, name: str, options: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "asterisk_gdpr", "--config", str(config.absolute()), name, *options]


def _wait_for_any(children: Sequence[subprocess.Popen[bytes]]) -> int:
    """The exit status of the child that ends first, which it should not: never 0."""
    while True:
        for child in children:
            status = child.poll()
            if status is not None:
                return status if status > 0 else 1
        time.sleep(0.2)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.terminate()
    until = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
