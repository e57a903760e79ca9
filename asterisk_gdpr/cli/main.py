"""The entry: what a command raises becomes one line for each fault and an exit status, and no traceback.

0 done; 1 the answer is no, or something is wrong with the data; 2 wrong use; 3 a part is not reachable.
What is no `GdprError` is a bug and keeps its traceback.
"""

from __future__ import annotations

import ctypes
import logging
import resource
import sys
from collections.abc import Sequence
from functools import cache
from typing import NoReturn

from typer.core import TyperGroup
from typer.main import get_command

from asterisk_gdpr.cli.app import app
from asterisk_gdpr.cli.console import Console
from asterisk_gdpr.cli.output import shown
from asterisk_gdpr.errors import ConfigFaults, GdprError

PROGRAM = "asterisk-gdpr"
_PR_SET_DUMPABLE = 4


def main() -> NoReturn:
    """Run the command that the process was called with."""
    close_memory()
    sys.exit(run())


def close_memory() -> None:
    """Let nobody get this process's memory: keys, passphrases and sound lie in it, whichever command runs.

    There is no core dump, and no other process of the same user may look into this one (Linux): the daemon
    cannot take the key of the vault from the page, though both may run as one user.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def run(arguments: Sequence[str] | None = None, console: Console | None = None) -> int:
    """Run one command and return its exit status; `arguments` are the process's own when None."""
    # What a short command meets is told once, as its error; `run` and `web` set up a log of their own.
    logging.getLogger("asterisk_gdpr").addHandler(logging.NullHandler())
    try:
        _command()(args=arguments, prog_name=PROGRAM, obj=console or Console())
    except SystemExit as end:  # the command line library ends every command by this
        return end.code if isinstance(end.code, int) else 0
    except GdprError as error:
        complain(error)
        return error.exit_code
    return 0


@cache
def _command() -> TyperGroup:
    """The commands, put together once: that takes longer than most of them run."""
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def complain(error: GdprError) -> None:
    """Tell an error: one line for each fault, whatever is quoted in it."""
    faults = error.faults if isinstance(error, ConfigFaults) else ()
    told = [f"{fault} [{fault.id}]" for fault in faults] or [f"{PROGRAM}: {error} [{error.id}]"]
    for line in told:
        print(shown(" ".join(line.split())), file=sys.stderr)
